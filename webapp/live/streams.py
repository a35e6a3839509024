"""Server-sent events for pages: named signals without data of players, at most one a second each."""

import time
from collections.abc import Iterator, Sequence
from queue import Queue
from threading import Lock

from flask import Blueprint, Response, current_app, request

from webapp.http.access import Role, allow, settings
from webapp.live.fanout import Fanout, next_of
from webapp.store.campaigns import campaign_rows
from webapp.store.system.connection import connect

blueprint = Blueprint("live", __name__, url_prefix="/live")

HEARTBEAT_SECONDS = 15.0
LEAST_SECONDS = 1.0
STATS_SECONDS = 2.0
_lock = Lock()


def fanout_of() -> Fanout:
    """The one listener of this process."""
    with _lock:
        if "laurel_fanout" not in current_app.extensions:
            current_app.extensions["laurel_fanout"] = Fanout(settings())
        fanout: Fanout = current_app.extensions["laurel_fanout"]
        return fanout


@blueprint.get("/home")
@allow(role=Role.VIEWER)
def home() -> Response:
    """`feed` when somebody was awarded something, `stats` every two seconds."""
    return stream(_home_signals(fanout_of()))


def _home_signals(fanout: Fanout) -> Iterator[str]:
    with fanout.listen("live:feed") as queue:
        yield event("stats")
        while True:
            until = time.monotonic() + STATS_SECONDS
            if next_of(queue, STATS_SECONDS) is not None:
                yield event("feed")
                _drop_until(queue, until)
            yield event("stats")


@blueprint.get("/leaderboards/<key>")
@allow(role=Role.VIEWER, scope="leaderboards:read")
def leaderboard(key: str) -> Response:
    """`board` when a score of this leaderboard changed."""
    return stream(_signals(fanout_of(), [f"live:board:{key}"], "board"))


@blueprint.get("/games/<key>")
@allow(role=Role.VIEWER, scope="campaigns:read")
def game(key: str) -> Response:
    """`game` when plays of this game were decided."""
    return stream(_signals(fanout_of(), [f"live:game:{key}"], "game"))


@blueprint.get("/campaigns/<key>")
@allow(role=Role.VIEWER, scope="campaigns:read")
def campaign(key: str) -> Response:
    """`game` when plays of any game of this campaign were decided."""
    with connect(settings().database_url) as conn:
        games = [game.key for game in campaign_rows.games_of(conn, key)]
    return stream(_signals(fanout_of(), [f"live:game:{game}" for game in games], "game"))


@blueprint.get("/players/<player>")
@allow(role=Role.VIEWER, scope="players:read")
def player(player: str) -> Response:
    """`player` when something was applied to this player."""
    return stream(_signals(fanout_of(), [f"live:player:{player}"], "player"))


def _signals(fanout: Fanout, channels: Sequence[str], name: str) -> Iterator[str]:
    with fanout.listen(*channels) as queue:
        yield ": here\n\n"
        while True:
            if next_of(queue, HEARTBEAT_SECONDS) is None:
                yield ": still here\n\n"
                continue
            yield event(name)
            _drop_until(queue, time.monotonic() + LEAST_SECONDS)


def _drop_until(queue: "Queue[bytes]", until: float) -> None:
    """Let a burst pass: the signal that follows it says all that it said."""
    while (left := until - time.monotonic()) > 0:
        next_of(queue, left)


def event(name: str, data: str = "{}") -> str:
    """One server-sent event."""
    return f"event: {name}\ndata: {data}\n\n"


def stream(signals: Iterator[str]) -> Response:
    """Answer with a stream that nobody keeps or holds back."""
    return Response(
        signals,
        content_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


def open_to_pages(response: Response) -> Response:
    """Let our own pages, which come from the web's port on the same host, listen with their cookie."""
    origin, host = request.headers.get("Origin", ""), request.host.partition(":")[0]
    if origin in {f"http://{host}:{settings().port}", f"https://{host}", f"http://{host}"}:
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Allow-Credentials"] = "true"
        response.headers["Vary"] = "Origin"
    return response
