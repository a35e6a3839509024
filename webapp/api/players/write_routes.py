"""`/v1/players/{player}`: changes to profile and balances, freezes, pauses, erasure. Each is applied at once."""

from datetime import date

import msgspec
from flask import Blueprint, Response

from engine.scoring.held_badges import ALWAYS, ONCE
from engine.scoring.rulebook.compiled_rules import CompiledRule
from engine.scoring.state.calendar import parse_period_id
from engine.scoring.state.player_state import ATTRIBUTES_BYTES_MAX
from engine.vocabulary import entry as kinds
from webapp.api.body_flaws import InvalidValue
from webapp.api.events.event_body import ProfileBody, encode_profile
from webapp.api.player_ids import unknown_player, valid_player_id
from webapp.api.players import read_routes
from webapp.api.players.manual_changes import (
    PAUSE_DAYS_MAX,
    FreezeBody,
    GrantBody,
    PauseBody,
    RestorationBody,
    RevocationBody,
    answer_manual_change,
)
from webapp.api.request_body import read_body
from webapp.http.access import actor, allow, settings
from webapp.http.problems import ApiProblem, FieldError, unprocessable
from webapp.services.pipeline.apply_now import UnknownPlayerError
from webapp.services.players.change_player import AttributesTooLarge, erase_player, put_profile
from webapp.store.rules import rulebooks
from webapp.store.system.connection import connect

blueprint = Blueprint("v1_players_write", __name__, url_prefix="/v1/players")

FIRST_DAY = date(1970, 1, 1)
PERIOD_EXAMPLES = {"day": "2026-11-20", "week": "2026-W47", "month": "2026-11"}


@blueprint.put("/<player>")
@allow(scope="players:write")
def put(player: str) -> Response:
    """Set a player's time zone and merge attributes by key; an unknown player is created."""
    try:
        profile, _ = encode_profile(read_body(ProfileBody))
    except InvalidValue as invalid:
        raise unprocessable([invalid.field_error()]) from None
    try:
        put_profile(settings(), valid_player_id(player), msgspec.json.decode(profile) if profile else {}, actor())
    except AttributesTooLarge:
        detail = f"together with the existing attributes longer than {ATTRIBUTES_BYTES_MAX} bytes"
        raise unprocessable([FieldError("/attributes", detail, "too_large")]) from None
    return read_routes.show(player)


@blueprint.delete("/<player>")
@allow(scope="players:erase")
def delete(player: str) -> tuple[str, int]:
    """Erase a player's personal data; totals stay true. Events with the same id then create a new player."""
    try:
        erase_player(settings(), player, actor())
    except UnknownPlayerError:
        raise unknown_player(player) from None
    return "", 204


@blueprint.post("/<player>/grants")
@allow(scope="players:grant")
def grant(player: str) -> tuple[Response, int]:
    """Grant XP, coins or a badge manually. A badge that the player holds already is refused, with all the rest."""
    body = read_body(GrantBody)
    _require_content(body)
    if body.badge is not None:
        _check_period(_live_badge(body.badge), body.period)
    return answer_manual_change(player, kinds.GRANT, msgspec.to_builtins(body), body.id)


@blueprint.post("/<player>/revocations")
@allow(scope="players:grant")
def revoke(player: str) -> tuple[Response, int]:
    """Revoke XP, coins or a badge by a counter-entry; no balance falls below zero.

    A badge takes the XP and coins that came with it along, unless `keep_grant` is true; coupons stay. A badge that
    repeats is revoked for one `period`. What the player does not hold is refused.
    """
    body = read_body(RevocationBody)
    _require_content(body)
    return answer_manual_change(player, kinds.REVOCATION, msgspec.to_builtins(body), body.id)


def _require_content(body: GrantBody | RevocationBody) -> None:
    if body.xp is None and body.coins is None and body.badge is None:
        raise unprocessable([FieldError("", "at least one of xp, coins and badge is required")])
    if body.period is not None and body.badge is None:
        raise unprocessable([FieldError("/period", "only a badge has a period")])


def _live_badge(key: str) -> CompiledRule:
    with connect(settings().database_url) as conn:
        book = rulebooks.live(conn)
    badge = next((badge for badge in book.badges if badge.key == key), None)
    if badge is None:
        raise unprocessable([FieldError("/badge", f"no such live badge: {key!r}")])
    return badge


def _check_period(badge: CompiledRule, period: str | None) -> None:
    """Refuse a period that the badge does not have; one that always repeats has any."""
    if period is None or badge.repeat == ALWAYS:
        return
    if badge.repeat == ONCE:
        raise unprocessable([FieldError("/period", f"{badge.key} is held once and has no periods")])
    if parse_period_id(period, badge.repeat) is None:
        raise unprocessable([FieldError("/period", f"not a {badge.repeat}, such as {PERIOD_EXAMPLES[badge.repeat]}")])


@blueprint.post("/<player>/streaks/<streak>/freezes")
@allow(scope="players:write")
def give_freezes(player: str, streak: str) -> tuple[Response, int]:
    """Grant freezes for a streak.

    If they are enough for all that was missed since it broke, they are used for that first, and the streak goes on.
    """
    body = read_body(FreezeBody)
    content = {"streak": _live_streak(streak), "count": body.count, **_reason(body)}
    return answer_manual_change(player, kinds.STREAK_FREEZE, content, body.id)


@blueprint.post("/<player>/streaks/<streak>/restorations")
@allow(scope="players:write")
def restore_streak(player: str, streak: str) -> tuple[Response, int]:
    """Restore a broken streak: excuse what was missed last, since its newest run or before it."""
    body = read_body(RestorationBody)
    content = {"streak": _live_streak(streak), **_reason(body)}
    return answer_manual_change(player, kinds.STREAK_RESTORATION, content, body.id)


@blueprint.post("/<player>/streaks/<streak>/pauses")
@allow(scope="players:write")
def pause_streak(player: str, streak: str) -> tuple[Response, int]:
    """Pause a streak for a span of days, also for days that are over: runs that they had parted join again."""
    body = read_body(PauseBody)
    if body.last < body.first:
        raise unprocessable([FieldError("/to", "must not be before `from`")])
    if body.first < FIRST_DAY or (body.last - body.first).days >= PAUSE_DAYS_MAX:
        detail = f"a pause begins no earlier than 1970 and lasts at most {PAUSE_DAYS_MAX} days"
        raise unprocessable([FieldError("/from", detail)])
    days = {"from": body.first.isoformat(), "to": body.last.isoformat()}
    content = {"streak": _live_streak(streak), **days, **_reason(body)}
    return answer_manual_change(player, kinds.STREAK_PAUSE, content, body.id)


def _reason(body: FreezeBody | PauseBody | RestorationBody) -> dict[str, str]:
    return {} if body.reason is None else {"reason": body.reason}


def _live_streak(streak: str) -> str:
    with connect(settings().database_url) as conn:
        if streak not in rulebooks.live(conn).streaks:
            raise ApiProblem(404, "not_found", f"no such live streak: {streak!r}")
    return streak
