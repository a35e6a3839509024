"""Pushes the outcome of a play when its reel ends: as server-sent events, or over a WebSocket for several plays."""

import time
from collections.abc import Iterator
from contextlib import suppress
from threading import Thread
from typing import Any

import msgspec
from flask import Blueprint, Response, abort
from flask_sock import Sock
from simple_websocket import ConnectionClosed

from engine.coupons.game import Game
from engine.coupons.play_answer import shown_from
from webapp.config import Settings
from webapp.http.access import allow, current_key, current_player, settings
from webapp.live.fanout import Fanout, next_message
from webapp.live.streams import process_fanout, sse_event, sse_response
from webapp.runtime import clock
from webapp.services.plays.play_answer import result_json
from webapp.store.campaigns import campaign_rows, plays
from webapp.store.campaigns.plays import PlayResult
from webapp.store.system.connection import connect

blueprint = Blueprint("v1_live", __name__, url_prefix="/v1")
sockets = Sock()

POLL_SECONDS = 2.0
HEARTBEAT_SECONDS = 15.0
WATCHES_MAX = 20
MESSAGE_BYTES_MAX = 4096


def app_of_request() -> int:
    """The app whose plays this request may follow."""
    token = current_player()
    return token.app_id if token else current_key().app_id


@blueprint.get("/plays/<path:play_id>/stream")
@allow(scope="plays:write", player=True)
def of_play(play_id: str) -> Response:
    """One `outcome` when the reel has ended and the play is decided; the stream ends with it."""
    app_id, token = app_of_request(), current_player()
    result = _result(settings(), app_id, play_id)
    if result is None or (token and token.player != result.player):
        abort(404)
    return sse_response(_outcome_events(settings(), process_fanout(), app_id, play_id))


def _outcome_events(config: Settings, fanout: Fanout, app_id: int, play_id: str) -> Iterator[str]:
    yield ": here\n\n"
    last_sent_at = time.monotonic()
    for outcome in outcome_stream(config, fanout, app_id, play_id):
        if outcome is not None:
            yield sse_event("outcome", msgspec.json.encode(outcome).decode())
        elif time.monotonic() - last_sent_at > HEARTBEAT_SECONDS:
            last_sent_at = time.monotonic()
            yield ": still here\n\n"


def outcome_stream(config: Settings, fanout: Fanout, app_id: int, play_id: str) -> Iterator[dict[str, Any] | None]:
    """None again and again while the play waits or its reel turns, then the outcome once."""
    with connect(config.database_url) as conn:
        draw_name = plays.draw_name(conn, app_id, play_id)
    with fanout.listen(f"live:play:{draw_name}") as queue:
        # Looked up after listening began, and again after each silence: a lost signal costs two seconds.
        while (result := _result(config, app_id, play_id)) is not None and result.status == "queued":
            next_message(queue, POLL_SECONDS)
            yield None
    if result is not None:
        while (left := _reel_end(config, result) - clock.now_micros()) > 0:
            time.sleep(min(POLL_SECONDS, left / clock.MICROSECONDS))
            yield None
        yield result_json(result)


def _result(config: Settings, app_id: int, play_id: str) -> PlayResult | None:
    with connect(config.database_url, autocommit=True) as conn:
        return plays.play_result(conn, app_id, play_id)


def _reel_end(config: Settings, result: PlayResult) -> int:
    with connect(config.database_url, autocommit=True) as conn:
        raw = campaign_rows.game_document(conn, result.game)
    return result.received_at if raw is None else shown_from(Game.from_document(raw), result.received_at)


@sockets.route("/v1/live")
@allow(scope="plays:write", player=True)
def live(socket: Any) -> None:
    """Follow plays over one connection: send `{"watch": {"play": "ID"}}`, get `{"event": "outcome", "play": {…}}`."""
    config, fanout, app_id, token = settings(), process_fanout(), app_of_request(), current_player()
    watched: set[str] = set()
    while True:
        try:
            play_id = _watched_play(socket.receive())
        except ConnectionClosed:
            return
        result = _result(config, app_id, play_id) if play_id else None
        if result is None or (token and token.player != result.player):
            socket.send(_refusal('send {"watch": {"play": "ID"}} with the id of one of your own plays'))
        elif len(watched) >= WATCHES_MAX:
            socket.send(_refusal(f"at most {WATCHES_MAX} plays over one connection"))
        elif play_id not in watched:
            watched.add(play_id)
            outcomes = outcome_stream(config, fanout, app_id, play_id)
            Thread(target=_push_outcome, args=(socket, outcomes), daemon=True).start()


def _push_outcome(socket: Any, outcomes: Iterator[dict[str, Any] | None]) -> None:
    with suppress(ConnectionClosed):
        for outcome in outcomes:
            if outcome is not None:
                socket.send(msgspec.json.encode({"event": "outcome", "play": outcome}).decode())
            elif not socket.connected:
                return


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
