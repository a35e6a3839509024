"""Keeping the ranks with which each board's day began, so that pages can show who rose and who fell."""

from webapp.config import Settings
from webapp.projections import day_ranks
from webapp.runtime.clock import now_micros
from webapp.store.rules import rulebooks
from webapp.store.system.connection import connect


def keep_ranks(settings: Settings) -> int:
    """Keep today's opening ranks where they are missing; returns of how many boards, 0 while boards are rebuilt."""
    with connect(settings.database_url, autocommit=True) as conn:
        boards = rulebooks.live(conn).boards.values()
    return day_ranks.keep_opening_ranks(settings, boards, now_micros())
