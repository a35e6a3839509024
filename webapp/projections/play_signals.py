"""A word to live streams that plays have an outcome; who does not listen asks."""

from collections.abc import Iterable

import redis
import structlog

from webapp.config import Settings
from webapp.projections.redis import cache_redis

log = structlog.get_logger()


def notify_streams(settings: Settings, game: str, names: Iterable[str]) -> None:
    """Say it for each of these plays and once for their game; nothing is said while Redis is away."""
    try:
        pipe = cache_redis(settings).pipeline(transaction=False)
        for name in names:
            pipe.publish(f"live:play:{name}", b"{}")
        pipe.publish(f"live:game:{game}", b"{}")
        pipe.execute()
    except redis.RedisError as error:
        log.warning("cache_away", game=game, error=str(error))
