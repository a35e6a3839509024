"""The epoch: one key that says which projections may be believed. Without it nothing is read or written."""

import secrets

from webapp.config import Settings
from webapp.projections.redis import Redis, cache_redis

KEY = "laurel:epoch"


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


def begin(cache: Redis, epoch: str) -> None:
    """Declare that this epoch's keys are complete."""
    cache.set(KEY, epoch)
