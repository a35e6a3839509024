"""Connections to the two Redis servers: the queue's and the projections'; they may be one."""

from functools import cache

import redis

from webapp.config import Settings

SECONDS_MAX = 2.0


@cache
def _connection(url: str) -> redis.Redis:
    # A call that hangs must not hold a shard or a request: it fails, and Postgres has the truth.
    return redis.Redis.from_url(
        url, socket_timeout=None, socket_connect_timeout=SECONDS_MAX, health_check_interval=15, protocol=2
    )


def queue_redis(settings: Settings) -> redis.Redis:
    """The server of RQ and of hints."""
    return _connection(settings.queue_url)


def cache_redis(settings: Settings) -> redis.Redis:
    """The server of leaderboards, live messages and rate limits."""
    return _connection(settings.cache_url)
