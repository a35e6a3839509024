"""Server-sent events for pages: named signals without player data, each at most once a second."""

import time
from collections.abc import Iterator, Sequence
from queue import Queue
from threading import Lock

from flask import Blueprint, Response, current_app, request

from webapp.http.access import Role, allow, settings
from webapp.live.fanout import Fanout, next_message
from webapp.store.campaigns import campaign_rows
from webapp.store.system.connection import connect

blueprint = Blueprint("live", __name__, url_prefix="/live")

HEARTBEAT_SECONDS = 15.0
SIGNAL_GAP_SECONDS = 1.0
STATS_SECONDS = 2.0
_lock = Lock()


def process_fanout() -> Fanout:
    """The fan-out of this process, made at its first use."""
    with _lock:
        if "laurel_fanout" not in current_app.extensions:
            current_app.extensions["laurel_fanout"] = Fanout(settings())
        fanout: Fanout = current_app.extensions["laurel_fanout"]
        return fanout


@blueprint.get("/home")
@allow(role=Role.VIEWER)
def home() -> Response:
    """`feed` when somebody got an award, `stats` every two seconds."""
    return sse_response(_home_signals(process_fanout()))


def _home_signals(fanout: Fanout) -> Iterator[str]:
    with fanout.listen("live:feed") as queue:
        yield sse_event("stats")
        while True:
            until = time.monotonic() + STATS_SECONDS
            if next_message(queue, STATS_SECONDS) is not None:
                yield sse_event("feed")
                _drop_until(queue, until)
            yield sse_event("stats")


@blueprint.get("/leaderboards/<key>")
@allow(role=Role.VIEWER, scope="leaderboards:read")
def leaderboard(key: str) -> Response:
    """`board` when a score on this leaderboard changed."""
    return sse_response(_signals(process_fanout(), [f"live:board:{key}"], "board"))


@blueprint.get("/games/<key>")
@allow(role=Role.VIEWER, scope="campaigns:read")
def game(key: str) -> Response:
    """`game` when plays of this game were decided."""
    return sse_response(_signals(process_fanout(), [f"live:game:{key}"], "game"))


@blueprint.get("/campaigns/<key>")
@allow(role=Role.VIEWER, scope="campaigns:read")
def campaign(key: str) -> Response:
    """`game` when plays of any game of this campaign were decided."""
    with connect(settings().database_url) as conn:
        games = [game.key for game in campaign_rows.games_of(conn, key)]
    return sse_response(_signals(process_fanout(), [f"live:game:{game}" for game in games], "game"))


@blueprint.get("/players/<player>")
@allow(role=Role.VIEWER, scope="players:read")
def player(player: str) -> Response:
    """`player` when something was applied to this player."""
    return sse_response(_signals(process_fanout(), [f"live:player:{player}"], "player"))


def _signals(fanout: Fanout, channels: Sequence[str], name: str) -> Iterator[str]:
    with fanout.listen(*channels) as queue:
        yield ": here\n\n"
        while True:
            if next_message(queue, HEARTBEAT_SECONDS) is None:
                yield ": still here\n\n"
                continue
            yield sse_event(name)
            _drop_until(queue, time.monotonic() + SIGNAL_GAP_SECONDS)


def _drop_until(queue: "Queue[bytes]", until: float) -> None:
    """Skip a burst of messages: the next signal says the same as all of them."""
    while (left := until - time.monotonic()) > 0:
        next_message(queue, left)


def sse_event(name: str, data: str = "{}") -> str:
    """One server-sent event."""
    return f"event: {name}\ndata: {data}\n\n"


def sse_response(signals: Iterator[str]) -> Response:
    """A streaming response that no cache stores and no proxy buffers."""
    return Response(
        signals,
        content_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


def allow_own_pages(response: Response) -> Response:
    """Let our own pages, served from the web's port on the same host, listen with their cookie."""
    origin, host = request.headers.get("Origin", ""), request.host.partition(":")[0]
    if origin in {f"http://{host}:{settings().port}", f"https://{host}", f"http://{host}"}:
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Allow-Credentials"] = "true"
        response.headers["Vary"] = "Origin"
    return response
