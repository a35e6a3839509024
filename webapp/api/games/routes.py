"""`/v1/games`, `/v1/plays`: a play is accepted once and decided once; whoever asks again hears the same."""

import time
from collections.abc import Sequence
from functools import partial
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request, url_for
from msgspec import Struct

from webapp.api.events.event_body import check_player_id
from webapp.api.games.play_bursts import Burst, Sent, accept_all
from webapp.api.games.play_refusals import refuse
from webapp.api.long_poll import seated
from webapp.api.players.manual_changes import body, checked
from webapp.api.problems import Flaw, Refused, refuse_flawed
from webapp.api.request_body import Wrong
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


class Wanted(Struct, forbid_unknown_fields=True):
    """The player whom a token is for."""

    player: str


@blueprint.post("/games/<game>/tokens")
@allow(scope="plays:write")
def make_token(game: str) -> tuple[Response, int]:
    """A token for one player and game: for the hosted page, the widget and the streams; good for a day."""
    sent: Wanted = body(Wanted)
    _check_player(sent.player)
    token = player_tokens.sign(settings().secret_key, PlayerToken(current_key().app_id, sent.player, game))
    return jsonify(
        {"token": token, "url": f"/play/{game}?token={token}", "expires_in": player_tokens.HOURS * 3600}
    ), 201


@blueprint.post("/games/<game>/plays")
@allow(scope="plays:write")
def accept(game: str) -> tuple[Response, int] | tuple[Response, int, dict[str, str]]:
    """Queue a play, or up to 500 as `{"plays": […]}`; the same id again answers the same play."""
    content = body(dict[str, Any])
    if "plays" in content:
        return accept_all(game, checked(content, Burst))
    sent: Sent = checked(content, Sent)
    _check_player(sent.player)
    accepted = queue_play(settings(), PlayRequest(current_key().app_id, sent.play_id, game, sent.player, sent.address))
    refuse(accepted, game)
    address = url_for("v1_games.show", play_id=sent.play_id)
    answered = {"play_id": sent.play_id, "status": accepted.status, "result_url": address}
    if accepted.notice:
        answered["notice"] = accepted.notice
    return jsonify(answered), 202, {"Location": address}


def _check_player(player: str) -> None:
    try:
        check_player_id(player)
    except Wrong as wrong:
        raise refuse_flawed([wrong.flaw("player")]) from None


@blueprint.get("/plays/<whole:play_id>")
@allow(scope="plays:write")
def show(play_id: str) -> Response:
    """Where a play of this key's app stands; with `wait` the answer comes once it is decided."""
    found = _result(play_id)
    if found is None:
        raise Refused(404, "not_found", "this app has sent no play of that id")
    seconds = _wished()
    if found.status == "queued" and seconds:
        with seated() as has_seat:
            found = _await(play_id, found, seconds) if has_seat else found
    return jsonify(current_result_json(settings(), found))


def _wished() -> int:
    text = request.args.get("wait", "0")
    if not text.isdecimal():
        raise refuse_flawed([Flaw("/wait", f"must be a whole number of seconds, at most {WAIT_SECONDS_MAX}")])
    return min(WAIT_SECONDS_MAX, int(text))


def _await(play_id: str, found: PlayResult, seconds: int) -> PlayResult:
    deadline, pause = time.monotonic() + seconds, FIRST_PAUSE
    while found.status == "queued" and (left := deadline - time.monotonic()) > 0:
        time.sleep(min(pause, left))
        pause = min(LONGEST_PAUSE, pause * 1.5)
        found = _result(play_id) or found
    return found


def _result(play_id: str) -> PlayResult | None:
    """Where a play stands now; those who ask at once look together."""
    made = RequestBatcher(partial(_results, settings().database_url), interval_seconds=FIRST_PAUSE)
    looking: RequestBatcher[tuple[int, str], PlayResult | None] = current_app.extensions.setdefault(
        "laurel.plays", made
    )
    return looking.submit((current_key().app_id, play_id))


def _results(database_url: str, asked: Sequence[tuple[int, str]]) -> list[PlayResult | None]:
    with connect(database_url, autocommit=True) as conn:
        return plays.play_results(conn, asked)
