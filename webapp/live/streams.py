"""Server-sent events for pages: named signals without player data, each at most once a second."""

import asyncio

from flask import Blueprint

from webapp.config import Settings
from webapp.http.access import Role, allow
from webapp.http.event_loop.loop_batcher import in_thread
from webapp.http.event_loop.messages import EventSender, EventStream, LoopRequest, on_loop
from webapp.http.problems import register_problem_handlers
from webapp.live.fanout import Fanout, Listener, fanout_of
from webapp.live.signals import SignalStream, clock_of
from webapp.store.campaigns import campaign_rows
from webapp.store.system.connection import connect

blueprint = Blueprint("live", __name__, url_prefix="/live")
register_problem_handlers(blueprint)

STATS_SECONDS = 2.0


@blueprint.get("/home")
@allow(role=Role.VIEWER)
@on_loop
async def home(request: LoopRequest) -> EventStream:
    """`feed` when somebody got an award, `stats` every two seconds."""
    fanout = fanout_of(request.app.extensions, request.settings)
    return EventStream(lambda send: _send_home_signals(fanout, send))


async def _send_home_signals(fanout: Fanout, send: EventSender) -> None:
    with fanout.listen("live:feed") as listener:
        await send(sse_event("stats"))
        while True:
            until = asyncio.get_running_loop().time() + STATS_SECONDS
            if await listener.next_message(STATS_SECONDS) is not None:
                await send(sse_event("feed"))
                await _drop_until(listener, until)
            await send(sse_event("stats"))


@blueprint.get("/leaderboards/<key>")
@allow(role=Role.VIEWER, scope="leaderboards:read")
@on_loop
async def leaderboard(request: LoopRequest) -> SignalStream:
    """`board` when a score on this leaderboard changed."""
    return _signals(request, (f"live:board:{request.arguments['key']}",), "board")


@blueprint.get("/games/<key>")
@allow(role=Role.VIEWER, scope="campaigns:read")
@on_loop
async def game(request: LoopRequest) -> SignalStream:
    """`game` when plays of this game were decided."""
    return _signals(request, (f"live:game:{request.arguments['key']}",), "game")


@blueprint.get("/campaigns/<key>")
@allow(role=Role.VIEWER, scope="campaigns:read")
@on_loop
async def campaign(request: LoopRequest) -> SignalStream:
    """`game` when plays of any game of this campaign were decided."""
    games = await in_thread(_games_of, request.settings, request.arguments["key"])
    return _signals(request, tuple(f"live:game:{game}" for game in games), "game")


def _games_of(settings: Settings, campaign: str) -> list[str]:
    with connect(settings.database_url) as conn:
        return [game.key for game in campaign_rows.games_of(conn, campaign)]


@blueprint.get("/players/<player>")
@allow(role=Role.VIEWER, scope="players:read")
@on_loop
async def player(request: LoopRequest) -> SignalStream:
    """`player` when something was applied to this player."""
    return _signals(request, (f"live:player:{request.arguments['player']}",), "player")


def _signals(request: LoopRequest, channels: tuple[str, ...], name: str) -> SignalStream:
    return SignalStream(clock_of(request.app.extensions, request.settings), channels, SIGNALS[name])


async def _drop_until(listener: Listener, until: float) -> None:
    """Skip a burst of messages: the next signal says the same as all of them."""
    while (left := until - asyncio.get_running_loop().time()) > 0:
        await listener.next_message(left)


def sse_event(name: str, data: str = "{}") -> str:
    """One server-sent event."""
    return f"event: {name}\ndata: {data}\n\n"


SIGNALS = {name: sse_event(name).encode() for name in ("board", "game", "player")}  # each stream refers to its own
