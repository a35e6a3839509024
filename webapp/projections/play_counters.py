"""Counts plays by player and by address in Redis, a minute at a time; nothing is counted while Redis is away."""

import time
from collections.abc import Sequence
from hashlib import blake2b

import redis
import structlog

from webapp.config import Settings
from webapp.projections.redis import cache_redis

log = structlog.get_logger()

MINUTE_SECONDS = 60
REST_SECONDS = 2.0
_resting_until: dict[str, float] = {}


def count_in_minute(settings: Settings, game: str, minute: int, names: Sequence[str]) -> list[int] | None:
    """Count one play under each of these names and return the new counts, in one round trip.

    None while Redis is away; after a failure it is left alone for two seconds.
    """
    if time.monotonic() < _resting_until.get(settings.cache_url, 0):
        return None
    pipe = cache_redis(settings).pipeline(transaction=False)
    for name in names:
        # Names hold ids and addresses of people: only a hash is stored, and that for two minutes.
        key = f"limit:play:{blake2b(f'{game} {name}'.encode(), digest_size=12).hexdigest()}:{minute}"
        pipe.incr(key)
        pipe.expire(key, 2 * MINUTE_SECONDS)
    try:
        replies = pipe.execute()
    except redis.RedisError as error:
        _resting_until[settings.cache_url] = time.monotonic() + REST_SECONDS
        log.warning("cache_away", game=game, error=str(error))
        return None
    return [int(count) for count in replies[::2]]
