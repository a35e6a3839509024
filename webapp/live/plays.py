"""Pushes the outcome of a play when its reel ends: as server-sent events, or over a WebSocket for several plays."""

import asyncio
from collections.abc import AsyncIterator, MutableMapping
from dataclasses import dataclass
from typing import Any

import msgspec
from flask import Blueprint

from engine.coupons.game import Game
from engine.coupons.play import QUEUED
from engine.coupons.play_answer import shown_from
from webapp.config import Settings
from webapp.http.access import allow
from webapp.http.event_loop.loop_batcher import in_thread
from webapp.http.event_loop.messages import (
    EventSender,
    EventStream,
    LoopRequest,
    WebSocketConnection,
    WebSocketSession,
    on_loop,
)
from webapp.http.problems import ApiProblem, register_problem_handlers
from webapp.live.fanout import fanout_of
from webapp.live.streams import sse_event
from webapp.runtime import clock
from webapp.services.plays.play_answer import result_json
from webapp.services.plays.play_lookup import play_result
from webapp.store.campaigns import campaign_rows, plays
from webapp.store.campaigns.plays import PlayResult
from webapp.store.system.connection import connect

blueprint = Blueprint("v1_live", __name__, url_prefix="/v1")
register_problem_handlers(blueprint)

POLL_SECONDS = 2.0
HEARTBEAT_SECONDS = 15.0
WATCHES_MAX = 20
MESSAGE_BYTES_MAX = 4096


@dataclass(frozen=True, slots=True)
class PlayWatcher:
    """Somebody who follows plays of an app: all of them, or those of one player."""

    extensions: MutableMapping[str, Any]
    settings: Settings
    app_id: int
    player: str | None

    @classmethod
    def of_request(cls, request: LoopRequest) -> "PlayWatcher":
        player = request.player.player if request.player else None
        return cls(request.app.extensions, request.settings, request.app_id, player)

    async def result(self, play_id: str) -> PlayResult | None:
        """The present result of a play that this watcher may follow; None for any other."""
        result = await play_result(self.extensions, self.settings, self.app_id, play_id)
        return None if result is None or self.player not in (None, result.player) else result


@blueprint.get("/plays/<path:play_id>/stream")
@allow(scope="plays:write", player=True)
@on_loop
async def of_play(request: LoopRequest) -> EventStream:
    """One `outcome` when the reel has ended and the play is decided; the stream ends with it."""
    watcher, play_id = PlayWatcher.of_request(request), request.arguments["play_id"]
    if await watcher.result(play_id) is None:
        raise ApiProblem(404, "not_found", "no such play of this app or player")
    return EventStream(lambda send: _send_outcome(watcher, play_id, send))


async def _send_outcome(watcher: PlayWatcher, play_id: str, send: EventSender) -> None:
    await send(": here\n\n")
    loop = asyncio.get_running_loop()
    last_sent_at = loop.time()
    async for outcome in outcome_stream(watcher, play_id):
        if outcome is not None:
            await send(sse_event("outcome", msgspec.json.encode(outcome).decode()))
        elif loop.time() - last_sent_at > HEARTBEAT_SECONDS:
            last_sent_at = loop.time()
            await send(": still here\n\n")


async def outcome_stream(watcher: PlayWatcher, play_id: str) -> AsyncIterator[dict[str, Any] | None]:
    """None again and again while the play waits or its reel turns, then the outcome once."""
    draw_name = await in_thread(_draw_name, watcher.settings, watcher.app_id, play_id)
    with fanout_of(watcher.extensions, watcher.settings).listen(f"live:play:{draw_name}") as listener:
        # Looked up after listening began, and again after each silence: a lost signal costs two seconds.
        while (result := await watcher.result(play_id)) is not None and result.status == QUEUED:
            await listener.next_message(POLL_SECONDS)
            yield None
    if result is not None:
        reel_end = await in_thread(_reel_end, watcher.settings, result)
        while (left := reel_end - clock.now_micros()) > 0:
            await asyncio.sleep(min(POLL_SECONDS, left / clock.MICROSECONDS))
            yield None
        yield result_json(result)


def _draw_name(settings: Settings, app_id: int, play_id: str) -> str:
    with connect(settings.database_url) as conn:
        return plays.draw_name(conn, app_id, play_id)


def _reel_end(settings: Settings, result: PlayResult) -> int:
    with connect(settings.database_url, autocommit=True) as conn:
        raw = campaign_rows.game_document(conn, result.game)
    return result.received_at if raw is None else shown_from(Game.from_document(raw), result.received_at)


@blueprint.route("/live", websocket=True)
@allow(scope="plays:write", player=True)
@on_loop
async def live(request: LoopRequest) -> WebSocketSession:
    """Follow plays over one connection: send `{"watch": {"play": "ID"}}`, get `{"event": "outcome", "play": {…}}`."""
    watcher = PlayWatcher.of_request(request)
    return WebSocketSession(lambda socket: _follow_plays(watcher, socket))


async def _follow_plays(watcher: PlayWatcher, socket: WebSocketConnection) -> None:
    pushing: dict[str, asyncio.Task[None]] = {}
    try:
        while True:
            play_id = _watched_play(await socket.receive())
            if not play_id or await watcher.result(play_id) is None:
                await socket.send(_refusal('send {"watch": {"play": "ID"}} with the id of one of your own plays'))
            elif play_id in pushing:
                continue
            elif len(pushing) >= WATCHES_MAX:
                await socket.send(_refusal(f"at most {WATCHES_MAX} plays over one connection"))
            else:
                pushing[play_id] = asyncio.create_task(_push_outcome(watcher, play_id, socket))
    finally:
        for task in pushing.values():
            task.cancel()
        await asyncio.gather(*pushing.values(), return_exceptions=True)


async def _push_outcome(watcher: PlayWatcher, play_id: str, socket: WebSocketConnection) -> None:
    async for outcome in outcome_stream(watcher, play_id):
        if outcome is not None:
            await socket.send(msgspec.json.encode({"event": "outcome", "play": outcome}).decode())


def _refusal(detail: str) -> str:
    return msgspec.json.encode({"event": "refused", "detail": detail}).decode()


def _watched_play(message: str | bytes) -> str:
    """The id of the play that a message asks to watch; empty where it asks for none."""
    try:
        sent = msgspec.json.decode(message if len(message) <= MESSAGE_BYTES_MAX else b"")
    except msgspec.MsgspecError:
        return ""
    watch = sent.get("watch") if isinstance(sent, dict) else None
    play = watch.get("play") if isinstance(watch, dict) else None
    return play if isinstance(play, str) else ""
