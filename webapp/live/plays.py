"""The outcome of a play, pushed when its reel ends: as a stream of events, or over a WebSocket with other news."""

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
from webapp.live.fanout import Fanout, next_of
from webapp.live.streams import event, fanout_of, stream
from webapp.runtime import clock
from webapp.services.plays.play_answer import result_json
from webapp.store.campaigns import campaign_rows, plays
from webapp.store.campaigns.plays import PlayResult
from webapp.store.system.connection import connect

blueprint = Blueprint("v1_live", __name__, url_prefix="/v1")
sockets = Sock()

LOOK_SECONDS = 2.0
HEARTBEAT_SECONDS = 15.0
WATCHES_MAX = 20
MESSAGE_BYTES_MAX = 4096


def app_of_request() -> int:
    """The app whose plays this request may hear of."""
    token = current_player()
    return token.app_id if token else current_key().app_id


@blueprint.get("/plays/<path:play_id>/stream")
@allow(scope="plays:write", player=True)
def of_play(play_id: str) -> Response:
    """One `outcome` when the reel has ended and the play is decided; the stream ends with it."""
    its, fanout, app_id = settings(), fanout_of(), app_of_request()
    found = _found(its, app_id, play_id)
    token = current_player()
    if found is None or (token and token.player != found.player):
        abort(404)
    return stream(_outcome(its, fanout, app_id, play_id))


def _outcome(its: Settings, fanout: Fanout, app_id: int, play_id: str) -> Iterator[str]:
    yield ": here\n\n"
    said_at = time.monotonic()
    for news in outcomes(its, fanout, app_id, play_id):
        if news is not None:
            yield event("outcome", msgspec.json.encode(news).decode())
        elif time.monotonic() - said_at > HEARTBEAT_SECONDS:
            said_at = time.monotonic()
            yield ": still here\n\n"


def outcomes(its: Settings, fanout: Fanout, app_id: int, play_id: str) -> Iterator[dict[str, Any] | None]:
    """None again and again while the play waits or its reel turns, then the outcome once."""
    with connect(its.database_url) as conn:
        name = plays.draw_name(conn, app_id, play_id)
    with fanout.listen(f"live:play:{name}") as queue:
        while (found := _found(its, app_id, play_id)) is not None and found.status == "queued":
            next_of(queue, LOOK_SECONDS)
            yield None
    if found is not None:
        while (left := _reel_end(its, found) - clock.now_micros()) > 0:
            time.sleep(min(LOOK_SECONDS, left / clock.MICROSECONDS))
            yield None
        yield result_json(found)


def _found(its: Settings, app_id: int, play_id: str) -> PlayResult | None:
    with connect(its.database_url, autocommit=True) as conn:
        return plays.play_result(conn, app_id, play_id)


def _reel_end(its: Settings, found: PlayResult) -> int:
    with connect(its.database_url, autocommit=True) as conn:
        raw = campaign_rows.game_document(conn, found.game)
    return found.received_at if raw is None else shown_from(Game.from_document(raw), found.received_at)


@sockets.route("/v1/live")
@allow(scope="plays:write", player=True)
def live(socket: Any) -> None:
    """News over one connection: send `{"watch": {"play": "ID"}}`, hear `{"event": "outcome", "play": {…}}`."""
    its, fanout, app_id, token = settings(), fanout_of(), app_of_request(), current_player()
    watched: set[str] = set()
    while True:
        try:
            play_id = _asked(socket.receive())
        except ConnectionClosed:
            return
        found = _found(its, app_id, play_id) if play_id else None
        if found is None or (token and token.player != found.player):
            socket.send(_refusal('send {"watch": {"play": "ID"}} with the id of a play of your own'))
        elif len(watched) >= WATCHES_MAX:
            socket.send(_refusal(f"at most {WATCHES_MAX} plays over one connection"))
        elif play_id not in watched:
            watched.add(play_id)
            Thread(target=_tell, args=(socket, outcomes(its, fanout, app_id, play_id)), daemon=True).start()


def _tell(socket: Any, news: Iterator[dict[str, Any] | None]) -> None:
    with suppress(ConnectionClosed):
        for told_now in news:
            if told_now is not None:
                socket.send(msgspec.json.encode({"event": "outcome", "play": told_now}).decode())
            elif not socket.connected:
                return


def _refusal(detail: str) -> str:
    return msgspec.json.encode({"event": "refused", "detail": detail}).decode()


def _asked(message: str | bytes) -> str:
    """The play that a message asks for; empty where it asks for none."""
    try:
        sent = msgspec.json.decode(message if len(message) <= MESSAGE_BYTES_MAX else b"")
    except msgspec.MsgspecError:
        return ""
    watch = sent.get("watch") if isinstance(sent, dict) else None
    play = watch.get("play") if isinstance(watch, dict) else None
    return play if isinstance(play, str) else ""
