"""Tells live streams that plays have an outcome; a client that does not listen polls."""

from collections.abc import Iterable

import redis
import structlog

from webapp.config import Settings
from webapp.projections.redis import cache_redis

log = structlog.get_logger()


def notify_streams(settings: Settings, game: str, draw_names: Iterable[str]) -> None:
    """Signal each of these plays, and their game once. While Redis is away the signals are lost; streams poll then."""
    try:
        pipe = cache_redis(settings).pipeline(transaction=False)
        for draw_name in draw_names:
            pipe.publish(f"live:play:{draw_name}", b"{}")
        pipe.publish(f"live:game:{game}", b"{}")
        pipe.execute()
    except redis.RedisError as error:
        log.warning("cache_away", game=game, error=str(error))
