"""Connections to the two Redis servers: the queue's and the projections'; they may be one."""

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
