"""An entry of the log in words: what happened to whom, who did it, and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Flask

from engine.vocabulary import entry as entry_types
from webapp.pages.formats import humane

KEY_ACTOR = "key:"
"""How the actor of a change is written that came with an API key."""
SYSTEM_ENTRIES = {
    entry_types.TICK: ("time passed", "for"),
    entry_types.PROFILE: ("profile changed", "of"),
    entry_types.GRANT: ("granted by hand", "to"),
    entry_types.REVOCATION: ("revoked by hand", "from"),
    entry_types.SEEDED: ("history counted", "for"),
    entry_types.HISTORY_AWARD: ("awarded for history", "to"),
    entry_types.STREAK_FREEZE: ("freezes given", "to"),
    entry_types.STREAK_PAUSE: ("streak paused", "for"),
    entry_types.STREAK_RESTORATION: ("streak restored", "for"),
    entry_types.REDEMPTION: ("reward redeemed", "by"),
    entry_types.REFUND: ("redemption refunded", "to"),
    entry_types.ERASURE: ("data erased", "of"),
}
"""What Laurel's own entries say, and the word between that and the player."""


@dataclass(frozen=True, slots=True)
class EntryWords:
    """What an entry says: "granted by hand" `to` somebody, `by` whom and for what `reason`.

    An event is done by its player. `by` is empty where nobody did it by hand, `reason` where none was given.
    """

    what: str
    preposition: str
    is_event: bool
    by: str = ""
    reason: str = ""

    @property
    def note(self) -> str:
        """What happened, by whom and why: `granted by hand by mira@campus.example: “it was Ada after all”`."""
        by = f" by {self.by}" if self.by else ""
        return f"{self.what}{by}{f': “{self.reason}”' if self.reason else ''}"


def set_up(app: Flask) -> None:
    """Give the templates the names of actors as a filter."""
    app.jinja_env.filters["actor_name"] = actor_name


def entry_words(kind: str, content: Mapping[str, Any]) -> EntryWords:
    """The words for an entry of this type with this content."""
    if not kind.startswith(entry_types.SYSTEM_TYPE_PREFIX):
        return EntryWords(humane(kind), "by", is_event=True)
    what, preposition = SYSTEM_ENTRIES[kind]
    by, reason = content.get("by") or "", content.get("reason") or ""
    return EntryWords(what, preposition, is_event=False, by=actor_name(str(by)), reason=str(reason))


def actor_name(actor: str) -> str:
    """Who did something, as people say it: `key:shop` → `the key “shop”`."""
    return f"the key “{actor.removeprefix(KEY_ACTOR)}”" if actor.startswith(KEY_ACTOR) else actor
