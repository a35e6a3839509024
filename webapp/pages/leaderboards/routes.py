"""Leaderboards: the list, and one board with its windows, its top, and the part around a player."""

from dataclasses import dataclass

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.scoring.rulebook.leaderboard import CompiledLeaderboard
from webapp.http.access import Role, allow, settings
from webapp.http.htmx import render
from webapp.http.numbers import number_in_query
from webapp.pages.csv_files import csv_download
from webapp.pages.layout import database
from webapp.pages.leaderboards.export import COLUMNS, standings_pages
from webapp.pages.leaderboards.previous_window import FinalWindow, last_final_window
from webapp.pages.leaderboards.rank_changes import RankChanges, rank_changes
from webapp.projections import leaderboard_views
from webapp.projections.epoch import ProjectionsRebuilding
from webapp.projections.leaderboard_views import LeaderboardQuery, LeaderboardView, NoSuchWindow, RankedPlayer
from webapp.projections.redis import RedisError
from webapp.runtime import clock
from webapp.store.events import seen_properties
from webapp.store.players import leaderboard_standings
from webapp.store.rules import rulebooks
from webapp.store.system.connection import Connection

blueprint = Blueprint("leaderboards", __name__, url_prefix="/leaderboards")
PAGE, TOP = 50, 5
EARLIER_WINDOWS = 4
WINDOW_NAMES = {
    "day": ("Today", "Yesterday"),
    "week": ("This week", "Last week"),
    "month": ("This month", "Last month"),
}


@dataclass(frozen=True, slots=True)
class BoardQuery:
    """What the address asks for; empty where it says nothing."""

    window: str
    segment: str
    around: str
    start: int

    def part(self, *, count: int, start: int = 0) -> LeaderboardQuery:
        """A part of the board in this window and segment."""
        return LeaderboardQuery(self.window or "current", self.segment or None, count=count, start=start)


@dataclass(frozen=True, slots=True)
class BoardTable:
    """The rows of a board: its top, and apart from it the part around a player, with `between` rows left out."""

    view: LeaderboardView
    top: list[RankedPlayer]
    around: list[RankedPlayer]
    between: int
    best: float


@dataclass(frozen=True, slots=True)
class WindowLink:
    """One window of a board as a link."""

    name: str
    note: str
    address: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class BoardPage:
    """One board: the rows of a window, None while it is being rebuilt, and the window that became final last."""

    board: CompiledLeaderboard
    query: BoardQuery
    table: BoardTable | None
    windows: list[WindowLink]
    changes: RankChanges
    unit: str
    last_final: FinalWindow | None
    page_size: int

    @property
    def is_live(self) -> bool:
        """Whether its rows may still change."""
        return self.table is None or not self.table.view.is_final

    @property
    def start_above(self) -> int:
        """The place at which the page above begins."""
        return max(0, self.query.start - self.page_size)

    @property
    def has_more_below(self) -> bool:
        """Whether there are rows below the last one, within the limit of the board."""
        if self.table is None or not self.table.top:
            return False
        total = self.table.view.total
        return self.table.top[-1].place + 1 < min(total, self.board.limit or total)


@dataclass(frozen=True, slots=True)
class ListedBoard:
    """A live board with its first three; `top` is None while it is being rebuilt."""

    board: CompiledLeaderboard
    top: LeaderboardView | None


@dataclass(frozen=True, slots=True)
class BoardsPage:
    """Every live board."""

    boards: list[ListedBoard]


@blueprint.get("")
@allow(role=Role.VIEWER)
def show() -> ResponseReturnValue:
    """Every live board with its first three."""
    with database() as conn:
        book = rulebooks.live(conn)
        boards = [ListedBoard(board, _read(conn, board, LeaderboardQuery(count=3))) for board in book.boards.values()]
    return render_template("leaderboards/page.html", view=BoardsPage(boards))


@blueprint.get("/<key>")
@allow(role=Role.VIEWER)
def show_one(key: str) -> ResponseReturnValue:
    """One board: the window of the address, its rows, and the rows around a player."""
    texts = {name: request.args.get(name, "").strip() for name in ("window", "segment", "around")}
    query = BoardQuery(**texts, start=number_in_query("start") or 0)
    with database() as conn:
        book = rulebooks.live(conn)
        board = book.boards.get(key) or abort(404)
        table = _table(conn, board, query)
        windows = _window_links(conn, board, query.window or "current")
        unit = _unit(conn, board)
        last_final = last_final_window(conn, board) if query.window in {"", "current"} else None
    view = BoardPage(
        board=board,
        table=table,
        windows=windows,
        query=query,
        unit=unit,
        last_final=last_final,
        changes=_changes(table, query),
        page_size=PAGE,
    )
    return render("leaderboards/board.html", "leaderboards/_table.html", view=view)


@blueprint.get("/<key>/standings.csv")
@allow(role=Role.VIEWER)
def download(key: str) -> ResponseReturnValue:
    """The standings of a window as CSV."""
    window, segment = request.args.get("window") or "current", request.args.get("segment") or None
    with database() as conn:
        book = rulebooks.live(conn)
        board = book.boards.get(key) or abort(404)
        view = _read(conn, board, LeaderboardQuery(window, segment, count=1)) or abort(503)
    pages = standings_pages(settings(), key, view.run.id, segment)
    return csv_download(f"{key}-{view.run.id}.csv", COLUMNS, pages)


def _changes(table: BoardTable | None, query: BoardQuery) -> RankChanges:
    """Who rose and who fell on a whole board; the earlier ranks of segments are not stored."""
    if table is None or query.segment:
        return RankChanges()
    return rank_changes(table.view, [*table.top, *table.around], clock.now_micros())


def _read(conn: Connection, board: CompiledLeaderboard, query: LeaderboardQuery) -> LeaderboardView | None:
    """A part of a board; None while live boards are away."""
    try:
        return leaderboard_views.read_leaderboard(settings(), conn, board, query)
    except NoSuchWindow:
        abort(404)
    except (ProjectionsRebuilding, RedisError):
        return None


def _table(conn: Connection, board: CompiledLeaderboard, query: BoardQuery) -> BoardTable | None:
    near = (
        _read(conn, board, LeaderboardQuery(query.window or "current", query.segment or None, around=query.around))
        if query.around
        else None
    )
    is_apart = near is not None and near.found is not None and near.rows[0].place > 0
    part = query.part(count=TOP) if is_apart else query.part(count=PAGE, start=query.start)
    view = _read(conn, board, part)
    if view is None:
        return None
    if near is None or near.found is None:
        return BoardTable(view, view.rows, [], 0, _best_score(conn, board, view, query))
    return _join(view, near)


def _join(view: LeaderboardView, near: LeaderboardView) -> BoardTable:
    """The top and the part around a player; a single part where they touch."""
    last = view.rows[-1].place if view.rows else -1
    apart = [row for row in near.rows if row.place > last]
    between = apart[0].place - last - 1 if apart else 0
    best = float(view.rows[0].score) if view.rows else 1.0
    if between <= 0:
        by_place = {row.place: row for row in [*view.rows, *near.rows]}
        return BoardTable(near, [by_place[place] for place in sorted(by_place)], [], 0, best)
    return BoardTable(near, view.rows, apart, between, best)


def _best_score(conn: Connection, board: CompiledLeaderboard, view: LeaderboardView, query: BoardQuery) -> float:
    """The first score of the board, which a later page does not hold."""
    if view.rows and view.rows[0].place == 0:
        return float(view.rows[0].score)
    first = _read(conn, board, query.part(count=1))
    return float(first.rows[0].score) if first and first.rows else 1.0


def _window_links(conn: Connection, board: CompiledLeaderboard, chosen: str) -> list[WindowLink]:
    """The present run, the one before, and earlier final ones."""
    if board.window == "all_time":
        return []
    final_runs = {run.run for run in leaderboard_standings.final_runs(conn, board.key)}
    present_name, previous_name = WINDOW_NAMES[board.window]
    previous = board.run_named("previous", clock.now_micros())
    previous_id = previous.id if previous else ""
    current_id = board.run_at(clock.now_micros()).id
    windows = [("current", present_name, current_id), ("previous", previous_name, previous_id)]
    earlier = sorted(final_runs - {previous_id, current_id}, reverse=True)[:EARLIER_WINDOWS]
    windows += [(run, run, run) for run in earlier]
    return [
        WindowLink(
            name,
            "final" if run in final_runs else "",
            url_for("leaderboards.show_one", key=board.key, window=None if window == "current" else window),
            chosen in {window, run},
        )
        for window, name, run in windows
    ]


def _unit(conn: Connection, board: CompiledLeaderboard) -> str:
    if board.metric is None:
        return {"xp": "XP"}.get(board.score, board.score)
    return seen_properties.catalogue(conn).names.get(board.metric, board.metric)
