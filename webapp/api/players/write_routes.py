"""`/v1/players/{player}`, changed: profile, grants, revocations, freezes, pauses, erasure. Each is applied at once."""

from datetime import date
from typing import Any
from uuid import uuid4

import msgspec
from flask import Blueprint, Response

from engine.scoring.fold import PROFILE_RULE
from engine.scoring.state.player_state import ATTRIBUTES_BYTES_MAX
from engine.vocabulary import entry as kinds
from engine.vocabulary.outcome import Outcome
from webapp.api.events.event_body import Profile, checked_profile
from webapp.api.players import read_routes
from webapp.api.players.manual_changes import (
    PAUSE_DAYS_MAX,
    Freezes,
    Gift,
    Pause,
    apply_by_hand,
    body,
    checked_player,
    unknown,
)
from webapp.api.problems import Flaw, Refused, refuse_flawed
from webapp.api.request_body import Wrong
from webapp.http.access import actor, allow, settings
from webapp.services.pipeline.apply_now import NewSystemEntry, UnknownPlayerError, apply_now
from webapp.services.pipeline.relay import try_relay
from webapp.services.players.erase import erase
from webapp.store.people import audit
from webapp.store.players import player_states as store
from webapp.store.rules import rulebooks
from webapp.store.system.connection import connect

blueprint = Blueprint("v1_players_write", __name__, url_prefix="/v1/players")

FIRST_DAY = date(1970, 1, 1)


@blueprint.put("/<player>")
@allow(scope="players:write")
def put(player: str) -> Response:
    """Set a player's zone, merge attributes by key; an unknown player is created."""
    try:
        profile, _ = checked_profile(body(Profile))
    except Wrong as wrong:
        raise refuse_flawed([wrong.flaw()]) from None
    payload = msgspec.json.decode(profile) if profile else {}
    own = NewSystemEntry(kinds.PROFILE, f"{kinds.PROFILE}:{uuid4().hex}", payload)
    with connect(settings().database_url) as conn:
        is_new = store.number_of(conn, checked_player(player)) is None
        _refuse_too_much(apply_now(conn, player, own, creates=True))
        audit.note(
            conn,
            actor(),
            "player.put",
            f"player:{store.number_of(conn, player)}",
            before={"exists": not is_new},
            after=_told(payload),
        )
        conn.commit()
    try_relay(settings())
    return read_routes.show(player)


def _refuse_too_much(outcome: Outcome | None) -> None:
    """Each body has its limit, and so has what it is merged into."""
    if outcome is not None and any(each.rule == PROFILE_RULE for each in outcome.not_awarded):
        detail = f"with what is known already longer than {ATTRIBUTES_BYTES_MAX} bytes"
        raise refuse_flawed([Flaw("/attributes", detail, "too_large")])


def _told(payload: dict[str, Any]) -> dict[str, Any]:
    """What the audit log tells of a profile: names of attributes, never their values, which erasure must reach."""
    changed = {"timezone": payload.get("timezone"), "attributes": sorted(payload.get("attributes") or ())}
    return {name: value for name, value in changed.items() if value}


@blueprint.delete("/<player>")
@allow(scope="players:write")
def delete(player: str) -> tuple[str, int]:
    """Erase a player's personal data; totals stay true. The same id posting again is a new player."""
    with connect(settings().database_url) as conn:
        try:
            number = erase(conn, player)
        except UnknownPlayerError:
            raise unknown(player) from None
        audit.note(conn, actor(), "player.erase", f"player:{number}")
        conn.commit()
    try_relay(settings())
    return "", 204


@blueprint.post("/<player>/grants")
@allow(scope="players:write")
def grant(player: str) -> tuple[Response, int]:
    """Give XP, coins or a badge by hand."""
    gift = _gift()
    if gift.badge is not None and not _is_badge(gift.badge):
        raise refuse_flawed([Flaw("/badge", f"there is no live badge {gift.badge!r}")])
    return apply_by_hand(player, kinds.GRANT, msgspec.to_builtins(gift), gift.id)


@blueprint.post("/<player>/revocations")
@allow(scope="players:write")
def revoke(player: str) -> tuple[Response, int]:
    """Take XP, coins or a badge back by a counter-entry; nothing falls below zero."""
    gift = _gift()
    return apply_by_hand(player, kinds.REVOCATION, msgspec.to_builtins(gift), gift.id)


def _gift() -> Gift:
    gift: Gift = body(Gift)
    if gift.xp is None and gift.coins is None and gift.badge is None:
        raise refuse_flawed([Flaw("", "name at least one of xp, coins and badge")])
    return gift


def _is_badge(key: str) -> bool:
    with connect(settings().database_url) as conn:
        book = rulebooks.live(conn)
    return any(badge.key == key for badge in book.badges)


@blueprint.post("/<player>/streaks/<streak>/freezes")
@allow(scope="players:write")
def give_freezes(player: str, streak: str) -> tuple[Response, int]:
    """Give freezes for a streak."""
    freezes: Freezes = body(Freezes)
    content = {"streak": _known(streak), "count": freezes.count}
    return apply_by_hand(player, kinds.STREAK_FREEZE, content, freezes.id)


@blueprint.post("/<player>/streaks/<streak>/pauses")
@allow(scope="players:write")
def pause_streak(player: str, streak: str) -> tuple[Response, int]:
    """Excuse a span of days from a streak."""
    pause: Pause = body(Pause)
    if pause.last < pause.first:
        raise refuse_flawed([Flaw("/to", "must not be before `from`")])
    if pause.first < FIRST_DAY or (pause.last - pause.first).days >= PAUSE_DAYS_MAX:
        raise refuse_flawed([Flaw("/from", f"a pause lies after 1970 and lasts {PAUSE_DAYS_MAX} days at most")])
    content = {"streak": _known(streak), "from": pause.first.isoformat(), "to": pause.last.isoformat()}
    return apply_by_hand(player, kinds.STREAK_PAUSE, content, pause.id)


def _known(streak: str) -> str:
    with connect(settings().database_url) as conn:
        if streak not in rulebooks.live(conn).streaks:
            raise Refused(404, "not_found", f"there is no live streak {streak!r}")
    return streak
