"""Connections to the two Redis servers: the queue's and the projections'; they may be one."""

from collections.abc import Sequence
from functools import cache
from typing import Any, Self

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


class BulkSender:
    """Sends commands that are packed already; answers are read late and dropped, so that the server always has work.

    For bulk: the client takes longer to pack a command of thousands of arguments than the server to carry it out.
    A context manager, at whose end all commands are carried out. Everything raises `RedisError`.
    """

    def __init__(self, server: Redis) -> None:
        self._pool = server.connection_pool
        self._connection = self._pool.get_connection()
        self._unanswered = 0

    def send(self, commands: Sequence[bytes]) -> None:
        """Send commands, then read the answers to those that were sent before."""
        before, self._unanswered = self._unanswered, self._unanswered + len(commands)
        self._connection.send_packed_command([b"".join(commands)])
        self._read(before)

    def _read(self, count: int) -> None:
        for _ in range(count):
            self._connection.read_response()
            self._unanswered -= 1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                self._read(self._unanswered)
        finally:
            if self._unanswered:
                self._connection.disconnect()
            self._pool.release(self._connection)


def packed(text: str) -> str:
    """An argument as the protocol spells it: its length in bytes, then itself."""
    return f"${len(text) if text.isascii() else len(text.encode())}\r\n{text}\r\n"


def packed_command(name: str, key: str, arguments: Sequence[str], count: int) -> bytes:
    """A command from arguments that are packed, `count` in all; one text may hold several."""
    return f"*{count + 2}\r\n{packed(name)}{packed(key)}{''.join(arguments)}".encode()
