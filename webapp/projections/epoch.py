"""The epoch: one key that says which projections may be believed. Without it nothing is read or written."""

import secrets

from webapp.config import Settings
from webapp.projections.redis import Redis, cache_redis

KEY = "laurel:epoch"


class RebuildingError(RuntimeError):
    """The projections are away; the beat rebuilds them."""


def current(cache: Redis) -> str | None:
    """The epoch whose keys are complete, None while there is none."""
    found = cache.get(KEY)
    return found.decode() if isinstance(found, bytes) else None


def is_current(settings: Settings) -> bool:
    """Whether projections are complete now."""
    return current(cache_redis(settings)) is not None


def end(cache: Redis) -> None:
    """Let nobody read or write projections until a new epoch begins."""
    cache.delete(KEY)


def fresh() -> str:
    """A name for an epoch that nobody has used."""
    return secrets.token_hex(4)


def begin(cache: Redis, epoch: str) -> None:
    """Say that this epoch's keys are complete."""
    cache.set(KEY, epoch)
