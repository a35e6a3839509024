"""The standings of a run as CSV: every row that the board lists, in order."""

import csv
from collections.abc import Iterator
from io import StringIO

from webapp.config import Settings
from webapp.projections import leaderboard_views
from webapp.projections.leaderboard_views import LeaderboardQuery, RankedPlayer
from webapp.store.rules import rulebooks
from webapp.store.system.connection import connect

PAGE = 1000
COLUMNS = ("rank", "player", "score")
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def standings_csv(settings: Settings, key: str, window: str, segment: str | None) -> Iterator[str]:
    """The file line by line, read page by page; no connection is held in between."""
    yield _line(COLUMNS)
    start = 0
    while rows := _page(settings, key, LeaderboardQuery(window, segment, count=PAGE, start=start)):
        yield from (_line((row.rank, _quoted(row.player), row.score)) for row in rows)
        start = rows[-1].place + 1


def _page(settings: Settings, key: str, query: LeaderboardQuery) -> list[RankedPlayer]:
    with connect(settings.database_url) as conn:
        book = rulebooks.live(conn)
        return leaderboard_views.read_leaderboard(settings, conn, book.boards[key], query).rows


def _quoted(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def _line(cells: tuple[object, ...]) -> str:
    text = StringIO()
    csv.writer(text, lineterminator="\r\n").writerow(cells)
    return text.getvalue()
