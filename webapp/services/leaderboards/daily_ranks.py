"""Keeping the ranks with which each board's day began, so that pages can say who rose and who fell."""

from webapp.config import Settings
from webapp.projections import changes, epoch
from webapp.projections.redis import cache_redis
from webapp.runtime.clock import now_micros
from webapp.store.rules import rulebooks
from webapp.store.system.connection import connect


def keep_ranks(settings: Settings) -> int:
    """Keep what is not kept yet today and give how many boards that were; nothing while boards are rebuilt."""
    cache = cache_redis(settings)
    name = epoch.current(cache)
    if name is None:
        return 0
    with connect(settings.database_url, autocommit=True) as conn:
        boards = rulebooks.live(conn).boards.values()
    return sum(changes.keep(cache, name, board, now_micros()) for board in boards)
