"""`/v1/leaderboards`: live and final standings."""

from typing import Any

from flask import Blueprint, Response, jsonify, request

from engine.scoring.rulebook.rulebook import Rulebook
from webapp.api import paging
from webapp.api.problems import Refused
from webapp.http.access import allow, settings
from webapp.projections import views
from webapp.projections.epoch import RebuildingError
from webapp.projections.views import NoSuchWindowError, View, Wanted
from webapp.store.rules import rulebooks
from webapp.store.system.connection import connect

blueprint = Blueprint("v1_leaderboards", __name__, url_prefix="/v1")


@blueprint.get("/leaderboards")
@allow(scope="leaderboards:read")
def every() -> Response:
    """All live leaderboards, by key."""
    with connect(settings().database_url) as conn:
        book = rulebooks.live(conn)
    page, after = paging.page_by_key(book.boards.values(), lambda board: board.key)
    data = [
        {"key": board.key, "name": board.name, "score": board.score, "window": board.window, "timezone": board.zone}
        for board in page
    ]
    return paging.listed(data, after)


@blueprint.get("/leaderboards/<key>")
@allow(scope="leaderboards:read")
def show(key: str) -> Response:
    """A page of one leaderboard, or the 51 rows around a player."""
    wanted = Wanted(
        window=request.args.get("window", "current"),
        segment=request.args.get("segment") or None,
        count=paging.limit() + 1,
        after=paging.cursor(tuple[float, str]),
        around=request.args.get("around"),
    )
    with connect(settings().database_url) as conn:
        seen = _seen(conn, rulebooks.live(conn), key, wanted)
    return _answer(seen, wanted)


def _seen(conn: Any, book: Rulebook, key: str, wanted: Wanted) -> View:
    board = book.boards.get(key)
    if board is None:
        raise Refused(404, "not_found", f"there is no live leaderboard {key!r}")
    try:
        seen = views.view(settings(), conn, board, wanted)
    except NoSuchWindowError as error:
        raise Refused(404, "not_found", f"{key} has no window {wanted.window!r}") from error
    except RebuildingError as error:
        detail = "leaderboards are being rebuilt from the log; nothing is lost"
        raise Refused(503, "rebuilding", detail, headers={"Retry-After": "1"}) from error
    if wanted.around is not None and seen.found is None:
        raise Refused(404, "not_found", f"player {wanted.around!r} has no score in this window")
    return seen


def _answer(seen: View, wanted: Wanted) -> Response:
    starts_at, ends_at = views.bounds_of(seen.run)
    size = len(seen.rows) if wanted.around is not None else wanted.count - 1
    rows = seen.rows[:size]
    more = wanted.around is None and len(seen.rows) > size
    place = (float(rows[-1].place) if seen.is_final else float(rows[-1].score), rows[-1].member) if more else None
    return jsonify(
        {
            "key": seen.board.key,
            "name": seen.board.name,
            "window": {"id": seen.run.id, "starts_at": starts_at, "ends_at": ends_at, "final": seen.is_final},
            "as_of": seen.as_of.isoformat(),
            "total": seen.total,
            "data": [{"rank": row.rank, "player": row.player, "score": row.score} for row in rows],
            "next_cursor": None if place is None else paging.pack(place),
        }
    )
