"""`/v1/games`, `/v1/plays`: a play is accepted once and decided once; asking again gives the same answer."""

from functools import partial
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, jsonify
from msgspec import UNSET, Struct

from engine.coupons.play import QUEUED
from webapp.api.games.play_batches import PLAY_CHECKS, PlayBatchBody, PlayBody, accept_batch
from webapp.api.games.play_queue import queue_single
from webapp.api.games.play_refusals import raise_for_receipt
from webapp.api.games.responses import GameToken, PlayReceipts
from webapp.api.json_provider import json_answer
from webapp.api.long_poll import poll, slots_of
from webapp.api.player_ids import PLAYER_CHECKS, PlayerId
from webapp.api.request_body import body_as, convert_body, loop_body_bytes, read_body
from webapp.http import player_tokens
from webapp.http.access import allow, current_key, settings
from webapp.http.event_loop.loop_batcher import in_thread
from webapp.http.event_loop.messages import Answer, LoopRequest, checks_key_late, on_loop
from webapp.http.player_tokens import PlayerToken
from webapp.http.problems import ApiProblem, FieldError, unprocessable
from webapp.services.plays.admission import PlayRequest
from webapp.services.plays.play_answer import current_result_json
from webapp.services.plays.play_lookup import play_result
from webapp.store.campaigns import campaign_rows
from webapp.store.campaigns.plays import PlayResult
from webapp.store.system.connection import connect

blueprint = Blueprint("v1_games", __name__, url_prefix="/v1")

WAIT_SECONDS_MAX = 10
PATH_CHARACTERS = "!$&'()*+,:;=@"
"""What stands in a path as it is. A slash of an id does not: after one, clients would take `..` for a step up."""


class TokenBody(Struct, forbid_unknown_fields=True):
    """The player whom a token is for."""

    player: PlayerId


@blueprint.post("/games/<game>/tokens")
@allow(scope="plays:write")
def make_token(game: str) -> tuple[Response, int]:
    """A token for one player and game: for the hosted page and the streams.

    Sent as `?token=TOKEN` or in the header `X-Player-Token`.

    It is valid for a day, and no longer than the key that asked for it.
    """
    player = read_body(TokenBody, PLAYER_CHECKS).player
    with connect(settings().database_url, autocommit=True) as conn:
        if campaign_rows.campaign_of_game(conn, game) is None:
            raise ApiProblem(404, "not_found", f"no such game: {game}")
    key = current_key()
    token = player_tokens.sign(settings().secret_key, PlayerToken(key.app_id, player, game, key.id))
    seconds = player_tokens.HOURS * 3600
    return jsonify(GameToken(token=token, url=f"/play/{game}?token={token}", expires_in=seconds)), 201


@blueprint.post("/games/<game>/plays")
@allow(scope="plays:write")
@on_loop
@checks_key_late
async def accept(request: LoopRequest) -> Answer:
    """Queue a play, or up to 500 as `{"plays": […]}`; the same id again is the same play."""
    game: str = request.arguments["game"]
    body = body_as(await loop_body_bytes(request), dict[str, Any])
    if "plays" in body:
        return json_answer(await accept_batch(request, game, convert_body(body, PlayBatchBody)), 202)
    play = convert_body(body, PlayBody, PLAY_CHECKS)
    receipt = await queue_single(request, PlayRequest(request.app_id, play.play_id, game, play.player, play.address))
    raise_for_receipt(receipt, game)
    result_url = f"/v1/plays/{quote(play.play_id, safe=PATH_CHARACTERS)}"
    answer = PlayReceipts(
        play_id=play.play_id,
        status=receipt.status or UNSET,
        result_url=result_url,
        notice=receipt.notice or UNSET,
    )
    return json_answer(answer, 202, {"Location": result_url})


@blueprint.get("/plays/<text:play_id>")
@allow(scope="plays:write")
@on_loop
async def show(request: LoopRequest) -> Answer:
    """The status of a play of this key's app; with `wait` the answer comes once it is decided."""
    play_id: str = request.arguments["play_id"]
    result = await _result(request, play_id)
    if result is None:
        raise ApiProblem(404, "not_found", "this app has sent no play with this id")
    seconds = _requested_wait_seconds(request)
    if result.status == QUEUED and seconds:
        with slots_of(request).slot() as has_slot:
            decided = await poll(partial(_decided, request, play_id), seconds) if has_slot else None
            result = decided or result
    return json_answer(await in_thread(current_result_json, request.settings, result))


def _requested_wait_seconds(request: LoopRequest) -> int:
    text = request.query.get("wait", "0")
    if not text.isdecimal():
        detail = f"must be a whole number of seconds, at most {WAIT_SECONDS_MAX}"
        raise unprocessable([FieldError("/wait", detail)])
    return min(WAIT_SECONDS_MAX, int(text))


async def _decided(request: LoopRequest, play_id: str) -> PlayResult | None:
    result = await _result(request, play_id)
    return None if result is None or result.status == QUEUED else result


async def _result(request: LoopRequest, play_id: str) -> PlayResult | None:
    return await play_result(request.app.extensions, request.settings, request.app_id, play_id)
