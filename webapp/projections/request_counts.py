"""Counts of requests and of sign-in attempts in the cache's Redis, bounded in time so that nobody waits for it."""

import redis
from limits.storage import RedisStorage

PATIENCE_SECONDS = 0.2


class RequestCounts:
    """Counts by name in fixed windows."""

    def __init__(self, cache_url: str) -> None:
        self._redis = redis.Redis.from_url(
            cache_url, socket_timeout=PATIENCE_SECONDS, socket_connect_timeout=PATIENCE_SECONDS, retry=None
        )

    def add(self, name: str, amount: int, *, keep_seconds: int) -> int:
        """Add to a count and return it; a new one is kept for so long. Raises `RedisError`."""
        count: int = int(self._redis.incrby(name, amount))
        if count == amount:
            self._redis.expire(name, keep_seconds)
        return count


def attempts_storage(cache_url: str) -> RedisStorage:
    """Where the `limits` library counts attempts; it raises its own `StorageError` while Redis is away."""
    patience = {"socket_timeout": PATIENCE_SECONDS, "socket_connect_timeout": PATIENCE_SECONDS}
    pool = redis.ConnectionPool.from_url(cache_url, **patience)  # it understands all addresses of Redis
    return RedisStorage("redis://", connection_pool=pool, wrap_exceptions=True)
