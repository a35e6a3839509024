"""Tells live streams that plays have an outcome; a client that does not listen polls."""

from collections.abc import Iterable

import redis
import structlog

from webapp.config import Settings
from webapp.projections.live_messages import publish
from webapp.projections.redis import cache_redis

log = structlog.get_logger()


def notify_streams(settings: Settings, game: str, draw_names: Iterable[str]) -> None:
    """Signal each of these plays, and their game once. While Redis is away the signals are lost; streams poll then."""
    try:
        channels = [*(f"live:play:{draw_name}" for draw_name in draw_names), f"live:game:{game}"]
        publish(cache_redis(settings), dict.fromkeys(channels, "{}"))
    except redis.RedisError as error:
        log.warning("cache_away", game=game, error=str(error))
