"""A run of a board as a file: every row that the board lists, in its order."""

import csv
from collections.abc import Iterator
from io import StringIO

from webapp.config import Settings
from webapp.projections import views
from webapp.projections.views import Place, Wanted
from webapp.store.rules import rulebooks
from webapp.store.system.connection import connect

PAGE = 1000
HEAD = ("rank", "player", "score")
FORMULAS = ("=", "+", "-", "@", "\t", "\r")


def lines(settings: Settings, key: str, window: str, segment: str | None) -> Iterator[str]:
    """The file line by line, read page by page; no connection is held in between."""
    yield _line(HEAD)
    start = 0
    while rows := _page(settings, key, Wanted(window, segment, count=PAGE, start=start)):
        yield from (_line((row.rank, _harmless(row.player), row.score)) for row in rows)
        start = rows[-1].place + 1


def _page(settings: Settings, key: str, wanted: Wanted) -> list[Place]:
    with connect(settings.database_url) as conn:
        book = rulebooks.live(conn)
        return views.view(settings, conn, book.boards[key], wanted).rows


def _harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(FORMULAS) else text


def _line(cells: tuple[object, ...]) -> str:
    written = StringIO()
    csv.writer(written, lineterminator="\r\n").writerow(cells)
    return written.getvalue()
