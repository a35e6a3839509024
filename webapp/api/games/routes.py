"""`/v1/games`, `/v1/plays`: a play is accepted once and decided once; asking again gives the same answer."""

import time
from collections.abc import Sequence
from functools import partial
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request, url_for
from msgspec import UNSET, Struct

from webapp.api.games.play_batches import PlayBatchBody, PlayBody, accept_batch
from webapp.api.games.play_refusals import raise_for_receipt
from webapp.api.games.responses import GameToken, PlayReceipts
from webapp.api.long_poll import long_poll_slot
from webapp.api.player_ids import valid_player_id
from webapp.api.problems import ApiProblem, FieldError, unprocessable
from webapp.api.request_body import convert_body, read_body
from webapp.http import player_tokens
from webapp.http.access import allow, current_key, settings
from webapp.http.player_tokens import PlayerToken
from webapp.http.request_batcher import RequestBatcher
from webapp.services.plays.admission import PlayRequest, queue_play
from webapp.services.plays.play_answer import current_result_json
from webapp.store.campaigns import plays
from webapp.store.campaigns.plays import PlayResult
from webapp.store.system.connection import connect

blueprint = Blueprint("v1_games", __name__, url_prefix="/v1")

WAIT_SECONDS_MAX = 10
FIRST_PAUSE, LONGEST_PAUSE = 0.01, 0.1


class TokenBody(Struct, forbid_unknown_fields=True):
    """The player whom a token is for."""

    player: str


@blueprint.post("/games/<game>/tokens")
@allow(scope="plays:write")
def make_token(game: str) -> tuple[Response, int]:
    """A token for one player and game: for the hosted page, the widget and the streams; valid for a day."""
    player = valid_player_id(read_body(TokenBody).player, "player")
    token = player_tokens.sign(settings().secret_key, PlayerToken(current_key().app_id, player, game))
    seconds = player_tokens.HOURS * 3600
    return jsonify(GameToken(token=token, url=f"/play/{game}?token={token}", expires_in=seconds)), 201


@blueprint.post("/games/<game>/plays")
@allow(scope="plays:write")
def accept(game: str) -> tuple[Response, int] | tuple[Response, int, dict[str, str]]:
    """Queue a play, or up to 500 as `{"plays": […]}`; the same id again is the same play."""
    body = read_body(dict[str, Any])
    if "plays" in body:
        return accept_batch(game, convert_body(body, PlayBatchBody))
    play = convert_body(body, PlayBody)
    player = valid_player_id(play.player, "player")
    receipt = queue_play(settings(), PlayRequest(current_key().app_id, play.play_id, game, player, play.address))
    raise_for_receipt(receipt, game)
    result_url = url_for("v1_games.show", play_id=play.play_id)
    answer = PlayReceipts(
        play_id=play.play_id,
        status=receipt.status or UNSET,
        result_url=result_url,
        notice=receipt.notice or UNSET,
    )
    return jsonify(answer), 202, {"Location": result_url}


@blueprint.get("/plays/<text:play_id>")
@allow(scope="plays:write")
def show(play_id: str) -> Response:
    """The status of a play of this key's app; with `wait` the answer comes once it is decided."""
    result = _result(play_id)
    if result is None:
        raise ApiProblem(404, "not_found", "this app has sent no play with this id")
    seconds = _requested_wait_seconds()
    if result.status == "queued" and seconds:
        with long_poll_slot() as has_slot:
            result = _await_result(play_id, result, seconds) if has_slot else result
    return jsonify(current_result_json(settings(), result))


def _requested_wait_seconds() -> int:
    text = request.args.get("wait", "0")
    if not text.isdecimal():
        detail = f"must be a whole number of seconds, at most {WAIT_SECONDS_MAX}"
        raise unprocessable([FieldError("/wait", detail)])
    return min(WAIT_SECONDS_MAX, int(text))


def _await_result(play_id: str, result: PlayResult, seconds: int) -> PlayResult:
    deadline, pause = time.monotonic() + seconds, FIRST_PAUSE
    while result.status == "queued" and (seconds_left := deadline - time.monotonic()) > 0:
        time.sleep(min(pause, seconds_left))
        pause = min(LONGEST_PAUSE, pause * 1.5)
        result = _result(play_id) or result
    return result


def _result(play_id: str) -> PlayResult | None:
    """The present result of a play; concurrent requests share a query."""
    fresh = RequestBatcher(partial(_results, settings().database_url), interval_seconds=FIRST_PAUSE)
    batcher: RequestBatcher[tuple[int, str], PlayResult | None]
    batcher = current_app.extensions.setdefault("laurel.plays", fresh)
    return batcher.submit((current_key().app_id, play_id))


def _results(database_url: str, plays_of_apps: Sequence[tuple[int, str]]) -> list[PlayResult | None]:
    with connect(database_url, autocommit=True) as conn:
        return plays.play_results(conn, plays_of_apps)
