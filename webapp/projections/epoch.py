"""The epoch: one key that says which projections may be believed. Without it nothing is read or written."""

import secrets

from webapp.config import Settings
from webapp.projections.redis import Redis, cache_redis

KEY = "laurel:epoch"
LEASE = "{laurel:epoch}:rebuilding"  # beside the epoch in a cluster, too
LEASE_SECONDS = 10
"""Longer than a page takes to be read and written; a rebuild that dies is followed by another after this time."""

RENEW = """#!lua
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('EXPIRE', KEYS[1], ARGV[2])
"""
BEGIN = """#!lua
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[2], ARGV[1])
return redis.call('DEL', KEYS[1])
"""


class ProjectionsRebuilding(RuntimeError):  # noqa: N818  (a state that passes)
    """There are no projections now; the beat rebuilds them."""


def current(cache: Redis) -> str | None:
    """The epoch whose keys are complete, None while there is none."""
    stored = cache.get(KEY)
    return stored.decode() if isinstance(stored, bytes) else None


def is_current(settings: Settings) -> bool:
    """Whether projections are complete now."""
    return current(cache_redis(settings)) is not None


def end(cache: Redis) -> None:
    """Stop everybody from reading and writing projections until a new epoch begins."""
    cache.delete(KEY)


def fresh() -> str:
    """A new name for an epoch."""
    return secrets.token_hex(4)


def claim(cache: Redis, epoch: str) -> bool:
    """Take the lease to build this epoch; False while another is being built."""
    return bool(cache.set(LEASE, epoch, nx=True, ex=LEASE_SECONDS))


def renew(cache: Redis, epoch: str) -> bool:
    """Keep the lease; False once it is lost, and with it perhaps what was written under it."""
    return bool(cache.eval(RENEW, 1, LEASE, epoch, LEASE_SECONDS))


def release(cache: Redis, epoch: str) -> None:
    """Give the lease back without an epoch, unless somebody else has it."""
    if cache.get(LEASE) == epoch.encode():
        cache.delete(LEASE)


def begin(cache: Redis, epoch: str) -> bool:
    """Declare that this epoch's keys are complete, and give the lease back; False, and no epoch, if it was lost."""
    return bool(cache.eval(BEGIN, 2, LEASE, KEY, epoch))
