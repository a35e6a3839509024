"""Changes that an app or an operator makes to a player: each is applied at once as an entry, and committed here."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

from engine.scoring.fold import PROFILE_RULE
from engine.vocabulary.entry import PROFILE, REVOCATION
from engine.vocabulary.outcome import Outcome, RefusalReason
from engine.vocabulary.shard import shard_of
from webapp.config import Settings
from webapp.services.pipeline.apply_now import NewSystemEntry, apply_now, stored_payload
from webapp.services.pipeline.relay_outbox import try_relay
from webapp.services.players import taking_back
from webapp.services.players.erase import erase
from webapp.store.events import shards
from webapp.store.people import audit
from webapp.store.players import player_states
from webapp.store.rules import rulebooks
from webapp.store.system.connection import connect


class AttributesTooLarge(Exception):  # noqa: N818  (it names what is wrong)
    """Merged with those that the player has, the attributes are too large."""


class ChangeIdConflict(Exception):  # noqa: N818  (it names what is wrong)
    """The id of this change was already used with different content."""


class ChangeRefused(Exception):  # noqa: N818  (it names what is wrong)
    """A change by hand that cannot be made; `code` says why, for programs."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


REFUSALS: dict[RefusalReason, str] = {
    RefusalReason.ALREADY_HELD: "the player already holds {}",
    RefusalReason.NOT_HELD: "the player does not hold {}",
    RefusalReason.LIMIT_REACHED: "{} already has as many as it can have",
    RefusalReason.NOT_BROKEN: "{} was not broken",
}
"""Why the engine does not make a change by hand, in words, with the key of the badge or streak."""


def put_profile(settings: Settings, player: str, profile: dict[str, Any], by: str) -> None:
    """Set time zone and merge attributes; an unknown player is created. Raises AttributesTooLarge."""
    entry = NewSystemEntry(PROFILE, f"{PROFILE}:{uuid4().hex}", profile)
    with connect(settings.database_url) as conn:
        is_new = player_states.number_of(conn, player) is None
        outcome = apply_now(conn, player, entry, creates=True)
        if outcome is not None and any(refusal.rule == PROFILE_RULE for refusal in outcome.not_awarded):
            raise AttributesTooLarge(player)
        subject = f"player:{player_states.number_of(conn, player)}"
        audit.note(conn, by, "player.put", subject, before={"exists": not is_new}, after=_audited(profile))
        conn.commit()
    try_relay(settings)


def _audited(profile: dict[str, Any]) -> dict[str, Any]:
    """What the audit log records of a profile: names of attributes, never values, which erasure could not reach."""
    changed = {"timezone": profile.get("timezone"), "attributes": sorted(profile.get("attributes") or ())}
    return {name: value for name, value in changed.items() if value}


def apply_manual_change(
    settings: Settings, player: str, kind: str, payload: dict[str, Any], change_id: str | None
) -> Outcome | None:
    """Apply a grant, revocation, freeze, pause or restoration; `payload` names in `by` who makes it.

    None if the change of this id was applied before. Raises UnknownPlayerError, ChangeIdConflict if that change had
    different content, and ChangeRefused for one that cannot be made, or would change nothing; then nothing is written.
    """
    entry = NewSystemEntry(kind, f"{kind}:{player}:{change_id or uuid4().hex}", payload)
    with connect(settings.database_url) as conn:
        rulebooks.compile_first(conn)
        shards.lock(conn, shard_of(player))
        if change_id is not None and (applied := stored_payload(conn, entry)) is not None:
            if _without_added(applied) != payload:
                raise ChangeIdConflict(change_id)
            return None
        if kind == REVOCATION and payload.get("badge"):
            entry = replace(entry, payload=taking_back.with_what_came_with_it(conn, player, payload))
        outcome = apply_now(conn, player, entry)
        assert outcome is not None, "an entry of this id is not in the log, and nobody else can append one now"
        _refuse_without_effect(kind, payload, outcome)
        subject = f"player:{player_states.number_of(conn, player)}"
        audit.note(conn, payload["by"], kind.removeprefix("laurel."), subject, after=_audited_change(entry.payload))
        conn.commit()
    try_relay(settings)
    return outcome


def _without_added(payload: dict[str, Any]) -> dict[str, Any]:
    """The content of a change as it was requested: what came with a badge is looked up for each revocation."""
    return {name: value for name, value in payload.items() if name != taking_back.CAME_WITH_IT}


def _refuse_without_effect(kind: str, payload: dict[str, Any], outcome: Outcome) -> None:
    """Raise ChangeRefused for a change that the engine has refused, or that changes nothing."""
    subject = payload.get("badge") or payload.get("streak")
    for refusal in outcome.not_awarded:
        if refusal.rule == subject and refusal.reason in REFUSALS:
            raise ChangeRefused(str(refusal.reason), REFUSALS[refusal.reason].format(subject))
    if outcome.is_empty:
        raise ChangeRefused("no_effect", f"this {kind.removeprefix('laurel.')} would change nothing")


def _audited_change(payload: dict[str, Any]) -> dict[str, Any]:
    """What the audit log records of a change: not its reason, a text about a person, which erasure could not reach.

    The reason is with the entry and in the ledger.
    """
    return {name: value for name, value in payload.items() if name not in {"reason", "by"}}


def erase_player(settings: Settings, player: str, by: str) -> None:
    """Erase a player's personal data; totals stay true. Raises UnknownPlayerError."""
    with connect(settings.database_url) as conn:
        number = erase(conn, player)
        audit.note(conn, by, "player.erase", f"player:{number}")
        conn.commit()
    try_relay(settings)
