"""What an operator tries a draft on: chosen on the panel, remembered in the session for the rule worked at last."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from flask import session
from werkzeug.datastructures import MultiDict

from engine.authoring.forms.typed_values import one_value
from engine.authoring.tree.edit_refused import EditRefused
from engine.vocabulary.fact import Catalogue
from webapp.runtime import clock
from webapp.runtime.zones import ZONES
from webapp.services.drafts.sample_trial import TrialInput
from webapp.store.rules import test_cases
from webapp.store.system.connection import Connection

SESSION_KEY = "tried"
VALUE_PREFIX = "v:"
BYTES_MAX = 1500
TYPED_VALUES = "values"


@dataclass(frozen=True, slots=True)
class ChosenCase:
    """`on` is `event:NUMBER`, `player:ID`, `case:NUMBER` or `values`; `at` a wall clock's moment in `zone`."""

    on: str = ""
    at: str = ""
    zone: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def moment(self) -> int | None:
        """The moment in microseconds; None for none. Raises `EditRefused` for what is no date and time."""
        if not self.at:
            return None
        try:
            there = datetime.fromisoformat(self.at)
            return clock.to_micros(
                there if there.tzinfo else there.replace(tzinfo=ZONES[self.zone] if self.zone else UTC)
            )
        except (ValueError, OverflowError):
            raise EditRefused("A moment is written like 2026-12-04 18:00") from None

    def given(self, conn: Connection, key: str) -> TrialInput:
        """What the draft of this rule is to be judged on."""
        kind, _, which = self.on.partition(":")
        more: dict[str, Any] = {"at": self.moment, "zone": self.zone or None, "values": self.values}
        if kind == "event" and which.isascii() and which.isdigit() and len(which) < 19:
            return TrialInput(event=int(which), **more)
        if kind == "player" and which:
            return TrialInput(player=which, **more)
        case = (
            test_cases.case(conn, key, int(which)) if kind == "case" and which.isdigit() and len(which) < 19 else None
        )
        known = case.given if case else {}
        return TrialInput(kind=str(known.get("event") or ""), facts=known.get("facts") or {}, **more)


def chosen_for(key: str) -> ChosenCase | None:
    """What was chosen for this rule, if it is the one worked at last."""
    kept = session.get(SESSION_KEY) or {}
    return ChosenCase(**kept[key]) if key in kept else None


def remember(key: str, chosen: ChosenCase) -> None:
    """Remember it. Raises `EditRefused` where it is too much to be remembered."""
    what = {"on": chosen.on, "at": chosen.at, "zone": chosen.zone, "values": dict(chosen.values)}
    if len(repr(what)) > BYTES_MAX:
        raise EditRefused("These values are too long to be tried by hand; save them in a test case")
    session[SESSION_KEY] = {key: what}


def read_choice(
    form: MultiDict[str, str], before: ChosenCase, shown: Mapping[str, Any], catalogue: Catalogue
) -> ChosenCase:
    """What a sent form chooses. Raises `EditRefused`.

    Values count as changed where they differ from what is shown, or did before; they stay with what they were typed
    for until they are put back.
    """
    player, zone = form.get("player", "").strip(), form.get("zone", "").strip()
    if zone and zone not in ZONES:
        raise EditRefused(f"There is no time zone {zone[:40]!r}; they are written like Europe/London")
    on = (f"player:{player}" if player else form.get("next") or form.get("on", TYPED_VALUES))[:200]
    kept = before.values if on == before.on and not form.get("reset") else {}
    typed = {} if form.get("reset") else _typed(form, kept, shown, catalogue)
    chosen = ChosenCase(on, form.get("at", "").strip()[:40], zone, {**kept, **typed})
    _ = chosen.moment
    return chosen


def _typed(
    form: MultiDict[str, str], kept: Mapping[str, Any], shown: Mapping[str, Any], catalogue: Catalogue
) -> dict[str, Any]:
    typed = {name.removeprefix(VALUE_PREFIX): text for name, text in form.items() if name.startswith(VALUE_PREFIX)}
    read_choice = {path: value_of(path, text, catalogue) for path, text in typed.items() if path in shown}
    return {path: value for path, value in read_choice.items() if path in kept or value != shown[path]}


def value_of(path: str, text: str, catalogue: Catalogue) -> Any:
    """One typed value, several parted by commas for facts that hold several; None for no value."""
    fact = catalogue.fact(path)
    if fact is not None and fact.type == "texts":
        return [part.strip() for part in text.split(",") if part.strip()] if text.strip() else None
    return one_value(fact, text)
