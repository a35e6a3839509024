"""`/v1/players/{player}`: changes to profile and balances, freezes, pauses, erasure. Each is applied at once."""

from datetime import date
from typing import Any
from uuid import uuid4

import msgspec
from flask import Blueprint, Response

from engine.scoring.fold import PROFILE_RULE
from engine.scoring.state.player_state import ATTRIBUTES_BYTES_MAX
from engine.vocabulary import entry as kinds
from engine.vocabulary.outcome import Outcome
from webapp.api.events.event_body import ProfileBody, encode_profile
from webapp.api.player_ids import unknown_player, valid_player_id
from webapp.api.players import read_routes
from webapp.api.players.manual_changes import PAUSE_DAYS_MAX, FreezeBody, GrantBody, PauseBody, apply_manual_change
from webapp.api.problems import ApiProblem, FieldError, unprocessable
from webapp.api.request_body import InvalidValue, read_body
from webapp.http.access import actor, allow, settings
from webapp.services.pipeline.apply_now import NewSystemEntry, UnknownPlayerError, apply_now
from webapp.services.pipeline.relay import try_relay
from webapp.services.players.erase import erase
from webapp.store.people import audit
from webapp.store.players import player_states
from webapp.store.rules import rulebooks
from webapp.store.system.connection import connect

blueprint = Blueprint("v1_players_write", __name__, url_prefix="/v1/players")

FIRST_DAY = date(1970, 1, 1)


@blueprint.put("/<player>")
@allow(scope="players:write")
def put(player: str) -> Response:
    """Set a player's time zone and merge attributes by key; an unknown player is created."""
    try:
        profile, _ = encode_profile(read_body(ProfileBody))
    except InvalidValue as invalid:
        raise unprocessable([invalid.field_error()]) from None
    payload = msgspec.json.decode(profile) if profile else {}
    own = NewSystemEntry(kinds.PROFILE, f"{kinds.PROFILE}:{uuid4().hex}", payload)
    with connect(settings().database_url) as conn:
        is_new = player_states.number_of(conn, valid_player_id(player)) is None
        _reject_oversized(apply_now(conn, player, own, creates=True))
        audit.note(
            conn,
            actor(),
            "player.put",
            f"player:{player_states.number_of(conn, player)}",
            before={"exists": not is_new},
            after=_audited(payload),
        )
        conn.commit()
    try_relay(settings())
    return read_routes.show(player)


def _reject_oversized(outcome: Outcome | None) -> None:
    """The size of a body is limited, and so is the size of the attributes into which it is merged."""
    if outcome is not None and any(refusal.rule == PROFILE_RULE for refusal in outcome.not_awarded):
        detail = f"together with the existing attributes longer than {ATTRIBUTES_BYTES_MAX} bytes"
        raise unprocessable([FieldError("/attributes", detail, "too_large")])


def _audited(payload: dict[str, Any]) -> dict[str, Any]:
    """What the audit log records of a profile: names of attributes, never values, which erasure could not reach."""
    changed = {"timezone": payload.get("timezone"), "attributes": sorted(payload.get("attributes") or ())}
    return {name: value for name, value in changed.items() if value}


@blueprint.delete("/<player>")
@allow(scope="players:write")
def delete(player: str) -> tuple[str, int]:
    """Erase a player's personal data; totals stay true. Events with the same id then create a new player."""
    with connect(settings().database_url) as conn:
        try:
            number = erase(conn, player)
        except UnknownPlayerError:
            raise unknown_player(player) from None
        audit.note(conn, actor(), "player.erase", f"player:{number}")
        conn.commit()
    try_relay(settings())
    return "", 204


@blueprint.post("/<player>/grants")
@allow(scope="players:write")
def grant(player: str) -> tuple[Response, int]:
    """Grant XP, coins or a badge manually."""
    body = _grant_body()
    if body.badge is not None and not _is_badge(body.badge):
        raise unprocessable([FieldError("/badge", f"no such live badge: {body.badge!r}")])
    return apply_manual_change(player, kinds.GRANT, msgspec.to_builtins(body), body.id)


@blueprint.post("/<player>/revocations")
@allow(scope="players:write")
def revoke(player: str) -> tuple[Response, int]:
    """Revoke XP, coins or a badge by a counter-entry; no balance falls below zero."""
    body = _grant_body()
    return apply_manual_change(player, kinds.REVOCATION, msgspec.to_builtins(body), body.id)


def _grant_body() -> GrantBody:
    body = read_body(GrantBody)
    if body.xp is None and body.coins is None and body.badge is None:
        raise unprocessable([FieldError("", "at least one of xp, coins and badge is required")])
    return body


def _is_badge(key: str) -> bool:
    with connect(settings().database_url) as conn:
        book = rulebooks.live(conn)
    return any(badge.key == key for badge in book.badges)


@blueprint.post("/<player>/streaks/<streak>/freezes")
@allow(scope="players:write")
def give_freezes(player: str, streak: str) -> tuple[Response, int]:
    """Grant freezes for a streak."""
    body = read_body(FreezeBody)
    content = {"streak": _live_streak(streak), "count": body.count}
    return apply_manual_change(player, kinds.STREAK_FREEZE, content, body.id)


@blueprint.post("/<player>/streaks/<streak>/pauses")
@allow(scope="players:write")
def pause_streak(player: str, streak: str) -> tuple[Response, int]:
    """Pause a streak for a span of days."""
    body = read_body(PauseBody)
    if body.last < body.first:
        raise unprocessable([FieldError("/to", "must not be before `from`")])
    if body.first < FIRST_DAY or (body.last - body.first).days >= PAUSE_DAYS_MAX:
        detail = f"a pause begins no earlier than 1970 and lasts at most {PAUSE_DAYS_MAX} days"
        raise unprocessable([FieldError("/from", detail)])
    content = {"streak": _live_streak(streak), "from": body.first.isoformat(), "to": body.last.isoformat()}
    return apply_manual_change(player, kinds.STREAK_PAUSE, content, body.id)


def _live_streak(streak: str) -> str:
    with connect(settings().database_url) as conn:
        if streak not in rulebooks.live(conn).streaks:
            raise ApiProblem(404, "not_found", f"no such live streak: {streak!r}")
    return streak
