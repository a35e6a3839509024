"""Many plays in one request, for apps that collect bursts: each is taken or refused by itself."""

from collections import Counter
from typing import Annotated, Any

from flask import Response, jsonify
from msgspec import Meta, Struct

from webapp.api.events.event_body import check_player_id
from webapp.api.games.play_refusals import FOR_ALL, code_of, refuse
from webapp.api.players.manual_changes import shaped
from webapp.api.request_body import Wrong, pointer
from webapp.http.access import current_key, settings
from webapp.services.plays.admission import PlayRequest, queue_plays
from webapp.store.campaigns.plays import PlayReceipt

PLAYS_MAX = 500
TAKEN = {"accepted": "accepted", "same": "same"}


class Sent(Struct, forbid_unknown_fields=True):
    """A request to play; the caller chooses `play_id`, unique in its app.

    `address` is where the player's own device called from, as the app saw it: it is counted for a minute and not kept.
    """

    play_id: Annotated[str, Meta(min_length=1, max_length=128)]
    player: str
    address: Annotated[str, Meta(min_length=1, max_length=64)] | None = None


class Burst(Struct, forbid_unknown_fields=True):
    """Plays that are taken in this order."""

    plays: Annotated[list[Any], Meta(min_length=1, max_length=PLAYS_MAX)]


def accept_all(game: str, sent: Burst) -> tuple[Response, int]:
    """Queue what is good and say of the rest what is wrong."""
    problems: list[dict[str, Any]] = []
    wishes = {place: _wish(game, place, each, problems) for place, each in enumerate(sent.plays)}
    good = {place: wish for place, wish in wishes.items() if wish is not None}
    verdicts = dict(zip(good, queue_plays(settings(), game, list(good.values())), strict=True)) if good else {}
    counts: Counter[str] = Counter()
    for place, accepted in verdicts.items():
        if accepted.verdict in FOR_ALL:
            refuse(accepted, game)
        if accepted.verdict in TAKEN:
            counts[accepted.verdict] += 1
        else:
            problems.append(_problem(place, good[place].play_id, *code_of(accepted, game)))
    return jsonify(_told(counts, problems, verdicts)), 202


def _told(counts: Counter[str], problems: list[dict[str, Any]], verdicts: dict[int, PlayReceipt]) -> dict[str, Any]:
    notice = next((each.notice for each in verdicts.values() if each.notice), None)
    listed = sorted(problems, key=lambda each: int(each["index"]))
    told = {"accepted": counts["accepted"], "same": counts["same"], "rejected": len(problems), "problems": listed}
    return told | ({"notice": notice} if notice else {})


def _wish(game: str, place: int, each: Any, problems: list[dict[str, Any]]) -> PlayRequest | None:
    try:
        sent = shaped(each, Sent)
        check_player_id(sent.player)
    except Wrong as wrong:
        where = pointer(*wrong.path)
        problems.append(_problem(place, None, wrong.code, f"{where}: {wrong.detail}" if where else wrong.detail))
        return None
    return PlayRequest(current_key().app_id, sent.play_id, game, sent.player, sent.address)


def _problem(place: int, play_id: str | None, code: str, detail: str) -> dict[str, Any]:
    return {"index": place, "play_id": play_id, "code": code, "detail": detail}
