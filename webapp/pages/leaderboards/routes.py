"""Leaderboards: the list, and one board with its windows, its top, and the part around a player."""

from dataclasses import dataclass

from flask import Blueprint, Response, abort, render_template, request, stream_with_context, url_for
from flask.typing import ResponseReturnValue

from engine.scoring.rulebook.board import CompiledLeaderboard
from webapp.http.access import Role, allow, settings
from webapp.http.htmx import render
from webapp.pages.layout import database
from webapp.pages.leaderboards import export
from webapp.pages.leaderboards.previous_window import last_of
from webapp.pages.leaderboards.rank_changes import Changes, changes_of
from webapp.projections import views
from webapp.projections.epoch import RebuildingError
from webapp.projections.redis import RedisError
from webapp.projections.views import NoSuchWindowError, Place, View, Wanted
from webapp.runtime import clock
from webapp.store.events import seen_properties
from webapp.store.players import standings
from webapp.store.rules import rulebooks
from webapp.store.system.connection import Connection

blueprint = Blueprint("leaderboards", __name__, url_prefix="/leaderboards")
PAGE, TOP = 50, 5
NAMES = {"day": ("Today", "Yesterday"), "week": ("This week", "Last week"), "month": ("This month", "Last month")}


@dataclass(frozen=True, slots=True)
class Table:
    """What the table of a board shows: its top, and apart from it the part around a player."""

    view: View
    top: list[Place]
    around: list[Place]
    between: int
    best: float


@dataclass(frozen=True, slots=True)
class Window:
    """One window of a board as a link."""

    name: str
    note: str
    address: str
    is_current: bool


@blueprint.get("")
@allow(role=Role.VIEWER)
def show() -> ResponseReturnValue:
    """Every live board with its first three."""
    with database() as conn:
        book = rulebooks.live(conn)
        boards = [(board, _read(conn, board, Wanted(count=3))) for board in book.boards.values()]
    return render_template("leaderboards/page.html", boards=boards)


@blueprint.get("/<key>")
@allow(role=Role.VIEWER)
def show_one(key: str) -> ResponseReturnValue:
    """One board: the window of the address, its rows, and the rows around a player."""
    asked = {name: request.args.get(name, "").strip() for name in ("window", "around", "segment")}
    start = max(0, request.args.get("start", 0, type=int))
    with database() as conn:
        book = rulebooks.live(conn)
        board = book.boards.get(key) or abort(404)
        table = _table(conn, board, asked, start)
        windows = _windows(conn, board, asked["window"] or "current")
        unit = _unit(conn, board)
        last = last_of(conn, board) if asked["window"] in {"", "current"} else None
    values = {"board": board, "table": table, "windows": windows, "asked": asked, "start": start, "unit": unit}
    beside = {"last": last, "changes": _changes(table, asked), "page_size": PAGE}
    return render("leaderboards/board.html", "leaderboards/_table.html", **values, **beside)


@blueprint.get("/<key>/standings.csv")
@allow(role=Role.VIEWER)
def download(key: str) -> ResponseReturnValue:
    """The standings of a window, for a spreadsheet."""
    window, segment = request.args.get("window") or "current", request.args.get("segment") or None
    with database() as conn:
        book = rulebooks.live(conn)
        board = book.boards.get(key) or abort(404)
        seen = _read(conn, board, Wanted(window, segment, count=1)) or abort(503)
    answer = Response(stream_with_context(export.lines(settings(), key, seen.run.id, segment)), content_type="text/csv")
    answer.headers.set("Content-Disposition", "attachment", filename=f"{key}-{seen.run.id}.csv")
    return answer


def _changes(table: Table | None, asked: dict[str, str]) -> Changes:
    """Whole boards say who rose and who fell; the ranks of segments are not kept."""
    if table is None or asked["segment"]:
        return Changes()
    return changes_of(table.view, [*table.top, *table.around], clock.now_micros())


def _read(conn: Connection, board: CompiledLeaderboard, wanted: Wanted) -> View | None:
    """A part of a board; None while live boards are away."""
    try:
        return views.view(settings(), conn, board, wanted)
    except NoSuchWindowError:
        abort(404)
    except (RebuildingError, RedisError):
        return None


def _table(conn: Connection, board: CompiledLeaderboard, asked: dict[str, str], start: int) -> Table | None:
    window, segment, player = asked["window"] or "current", asked["segment"] or None, asked["around"]
    near = _read(conn, board, Wanted(window, segment, around=player)) if player else None
    is_apart = near is not None and near.found is not None and near.rows[0].place > 0
    count = TOP if is_apart else PAGE
    view = _read(conn, board, Wanted(window, segment, count=count, start=0 if is_apart else start))
    if view is None:
        return None
    if near is None or near.found is None:
        return Table(view, view.rows, [], 0, _best(conn, board, view, asked))
    return _joined(view, near)


def _joined(view: View, near: View) -> Table:
    """The top and the part around a player; one part where they touch."""
    last = view.rows[-1].place if view.rows else -1
    apart = [row for row in near.rows if row.place > last]
    between = apart[0].place - last - 1 if apart else 0
    best = float(view.rows[0].score) if view.rows else 1.0
    if between <= 0:
        rows = {row.place: row for row in [*view.rows, *near.rows]}
        return Table(near, [rows[place] for place in sorted(rows)], [], 0, best)
    return Table(near, view.rows, apart, between, best)


def _best(conn: Connection, board: CompiledLeaderboard, view: View, asked: dict[str, str]) -> float:
    if view.rows and view.rows[0].place == 0:
        return float(view.rows[0].score)
    first = _read(conn, board, Wanted(asked["window"] or "current", asked["segment"] or None, count=1))
    return float(first.rows[0].score) if first and first.rows else 1.0


def _windows(conn: Connection, board: CompiledLeaderboard, chosen: str) -> list[Window]:
    """The present run, the one before, and earlier final ones."""
    if board.window == "all_time":
        return []
    final = {run.run for run in standings.final_runs(conn, board.key)}
    present, last = NAMES[board.window]
    previous = board.run_named("previous", clock.now_micros())
    previous_id = previous.id if previous else ""
    current = board.run_at(clock.now_micros()).id
    named = [("current", present, current), ("previous", last, previous_id)]
    named += [(each, each, each) for each in sorted(final - {previous_id, current}, reverse=True)[:4]]
    return [
        Window(
            name,
            "final" if run in final else "",
            url_for("leaderboards.show_one", key=board.key, window=None if window == "current" else window),
            chosen in {window, run},
        )
        for window, name, run in named
    ]


def _unit(conn: Connection, board: CompiledLeaderboard) -> str:
    if board.metric is None:
        return {"xp": "XP"}.get(board.score, board.score)
    return seen_properties.catalogue(conn).names.get(board.metric, board.metric)
