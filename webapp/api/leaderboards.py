"""`/v1/leaderboards`: live and final standings."""

from datetime import datetime

from flask import Blueprint, Response, jsonify, request
from msgspec import Struct

from engine.scoring.rulebook.rulebook import Rulebook
from webapp.api import paging
from webapp.http.access import allow, settings
from webapp.http.problems import ApiProblem, FieldError, unprocessable
from webapp.projections import leaderboard_views
from webapp.projections.epoch import ProjectionsRebuilding
from webapp.projections.leaderboard_views import LeaderboardQuery, LeaderboardView, NoSuchWindow
from webapp.store.rules import rulebooks
from webapp.store.system.connection import Connection, connect

blueprint = Blueprint("v1_leaderboards", __name__, url_prefix="/v1")


class Leaderboard(Struct, kw_only=True):
    """A live leaderboard."""

    key: str
    name: str
    score: str
    window: str
    timezone: str


class LeaderboardWindow(Struct, kw_only=True):
    """One run of a leaderboard's window, half open; final once nothing can change it any more."""

    id: str
    starts_at: str | None
    ends_at: str | None
    final: bool


class Standing(Struct, kw_only=True):
    """A row of a leaderboard; equal scores share a rank."""

    rank: int
    player: str | None
    score: float


class Standings(Struct, kw_only=True):
    """A page of a leaderboard, or the 51 rows around a player."""

    key: str
    name: str
    window: LeaderboardWindow
    as_of: datetime
    total: int
    data: list[Standing]
    next_cursor: str | None


@blueprint.get("/leaderboards")
@allow(scope="leaderboards:read")
def every() -> Response:
    """All live leaderboards, by key."""
    with connect(settings().database_url) as conn:
        book = rulebooks.live(conn)
    page, after = paging.page_of_sorted(book.boards.values(), lambda board: board.key)
    boards = [
        Leaderboard(key=board.key, name=board.name, score=board.score, window=board.window, timezone=board.zone)
        for board in page
    ]
    return paging.page_response(boards, after)


@blueprint.get("/leaderboards/<key>")
@allow(scope="leaderboards:read")
def show(key: str) -> Response:
    """A page of one leaderboard, or the 51 rows around a player."""
    wanted = LeaderboardQuery(
        window=request.args.get("window", "current"),
        segment=request.args.get("segment") or None,
        count=paging.page_limit() + 1,
        after=paging.page_cursor(tuple[float, str]),
        around=request.args.get("around"),
    )
    with connect(settings().database_url) as conn:
        view = _view(conn, rulebooks.live(conn), key, wanted)
    return jsonify(_standings(view, wanted))


def _view(conn: Connection, book: Rulebook, key: str, wanted: LeaderboardQuery) -> LeaderboardView:
    board = book.boards.get(key)
    if board is None:
        raise ApiProblem(404, "not_found", f"no such live leaderboard: {key!r}")
    if wanted.segment is not None and board.segment_by is None:
        raise unprocessable([FieldError("/segment", f"{key} is one list of all players: it has no segments")])
    try:
        view = leaderboard_views.read_leaderboard(settings(), conn, board, wanted)
    except NoSuchWindow as error:
        raise ApiProblem(404, "not_found", f"{key} has no window {wanted.window!r}") from error
    except ProjectionsRebuilding as error:
        detail = "leaderboards are being rebuilt from the log; nothing is lost"
        raise ApiProblem(503, "rebuilding", detail, headers={"Retry-After": "1"}) from error
    if wanted.around is not None and view.found is None:
        raise ApiProblem(404, "not_found", f"player {wanted.around!r} has no score in this window")
    return view


def _standings(view: LeaderboardView, wanted: LeaderboardQuery) -> Standings:
    starts_at, ends_at = leaderboard_views.bounds_of(view.run)
    size = len(view.rows) if wanted.around is not None else wanted.count - 1
    rows = view.rows[:size]
    position = None
    if wanted.around is None and len(view.rows) > size:
        last = rows[-1]
        position = (float(last.place if view.is_final else last.score), last.member)
    return Standings(
        key=view.board.key,
        name=view.board.name,
        window=LeaderboardWindow(id=view.run.id, starts_at=starts_at, ends_at=ends_at, final=view.is_final),
        as_of=view.as_of,
        total=view.total,
        data=[Standing(rank=row.rank, player=row.player, score=row.score) for row in rows],
        next_cursor=None if position is None else paging.encode_cursor(position),
    )
