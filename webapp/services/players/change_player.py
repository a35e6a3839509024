"""Changes that an app or an operator makes to a player: each is applied at once as an entry, and committed here."""

from typing import Any
from uuid import uuid4

from engine.scoring.fold import PROFILE_RULE
from engine.vocabulary.entry import PROFILE
from engine.vocabulary.outcome import Outcome
from webapp.config import Settings
from webapp.services.pipeline.apply_now import NewSystemEntry, apply_now, is_same
from webapp.services.pipeline.relay_outbox import try_relay
from webapp.services.players.erase import erase
from webapp.store.people import audit
from webapp.store.players import player_states
from webapp.store.system.connection import connect


class AttributesTooLarge(Exception):  # noqa: N818  (it names what is wrong)
    """Merged with those that the player has, the attributes are too large."""


class ChangeIdConflict(Exception):  # noqa: N818  (it names what is wrong)
    """The id of this change was already used with different content."""


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
    """Apply a grant, revocation, freeze or pause; `payload` names in `by` who makes it.

    None if the change of this id was applied before. Raises UnknownPlayerError, and ChangeIdConflict if that change
    had different content.
    """
    entry = NewSystemEntry(kind, f"{kind}:{player}:{change_id or uuid4().hex}", payload)
    with connect(settings.database_url) as conn:
        outcome = apply_now(conn, player, entry)
        if outcome is None:
            if not is_same(conn, entry):
                raise ChangeIdConflict(change_id)
            return None
        audit.note(conn, payload["by"], kind.removeprefix("laurel."), f"player:{player}", after=payload)
        conn.commit()
    try_relay(settings)
    return outcome


def erase_player(settings: Settings, player: str, by: str) -> None:
    """Erase a player's personal data; totals stay true. Raises UnknownPlayerError."""
    with connect(settings.database_url) as conn:
        number = erase(conn, player)
        audit.note(conn, by, "player.erase", f"player:{number}")
        conn.commit()
    try_relay(settings)
