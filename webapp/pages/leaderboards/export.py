"""The rows of a run for a file: every row that the board lists, in order."""

from collections.abc import Iterator

from webapp.config import Settings
from webapp.projections import leaderboard_views
from webapp.projections.leaderboard_views import LeaderboardQuery, RankedPlayer
from webapp.store.rules import rulebooks
from webapp.store.system.connection import connect

PAGE = 1000
COLUMNS = ("rank", "player", "score")


def standings_pages(
    settings: Settings, key: str, window: str, segment: str | None
) -> Iterator[list[tuple[int, str, float]]]:
    """The cells of each row, page by page; no connection is held in between."""
    start = 0
    while rows := _page(settings, key, LeaderboardQuery(window, segment, count=PAGE, start=start)):
        yield [(row.rank, row.player, row.score) for row in rows]
        start = rows[-1].place + 1


def _page(settings: Settings, key: str, query: LeaderboardQuery) -> list[RankedPlayer]:
    with connect(settings.database_url) as conn:
        book = rulebooks.live(conn)
        return leaderboard_views.read_leaderboard(settings, conn, book.boards[key], query).rows
