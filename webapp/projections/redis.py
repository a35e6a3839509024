"""Connections to the two Redis servers: the queue's and the projections'; they may be one."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import redis

from webapp.config import Settings

# A call that hangs must not hold a shard or a request: it fails, and Postgres has the truth.
CONNECT_SECONDS_MAX = 0.3
ANSWER_SECONDS_MAX = 1.0

RedisError = redis.RedisError
"""What every call raises while the server is away or too slow."""

# The client's own types say of every answer that it may be a coroutine; ours never is.
Redis = Any


@cache
def _connection(url: str) -> Redis:
    return redis.Redis.from_url(
        url, socket_timeout=ANSWER_SECONDS_MAX, socket_connect_timeout=CONNECT_SECONDS_MAX, protocol=2
    )


def queue_redis(settings: Settings) -> Redis:
    """The server of RQ and of hints."""
    return _connection(settings.queue_url)


def cache_redis(settings: Settings) -> Redis:
    """The server of leaderboards, live messages and rate limits."""
    return _connection(settings.cache_url)


def send_packed(server: Redis, commands: Sequence[bytes]) -> None:
    """Send commands that are packed already in one trip, and wait until all are carried out; answers are dropped.

    For bulk: the client takes longer to pack a command of thousands of arguments than the server to carry it out.
    Raises `RedisError`.
    """
    connection = server.connection_pool.get_connection()
    try:
        connection.send_packed_command(commands)
        for _ in commands:
            connection.read_response()
    except BaseException:
        connection.disconnect()  # answers are left unread
        raise
    finally:
        server.connection_pool.release(connection)


def packed(text: str) -> str:
    """An argument as the protocol spells it: its length in bytes, then itself."""
    return f"${len(text) if text.isascii() else len(text.encode())}\r\n{text}\r\n"


def packed_command(name: str, key: str, arguments: Sequence[str], count: int) -> bytes:
    """A command from arguments that are packed, `count` in all; one text may hold several."""
    return f"*{count + 2}\r\n{packed(name)}{packed(key)}{''.join(arguments)}".encode()
