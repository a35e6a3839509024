"""The case that an operator tries a draft on, remembered in the session for the rule edited last."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from flask import session
from werkzeug.datastructures import MultiDict

from engine.authoring.forms.typed_values import one_value
from engine.authoring.tree.edit_result import EditRefused
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
    """What to try a draft on.

    `on` is `event:NUMBER`, `player:ID`, `case:NUMBER` or `values`; `at` is a local time in `zone`.
    """

    on: str = ""
    at: str = ""
    zone: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def moment(self) -> int | None:
        """The moment in microseconds; None for none. Raises `EditRefused` for an invalid date or time."""
        if not self.at:
            return None
        try:
            local = datetime.fromisoformat(self.at)
            return clock.to_micros(
                local if local.tzinfo else local.replace(tzinfo=ZONES[self.zone] if self.zone else UTC)
            )
        except (ValueError, OverflowError):
            raise EditRefused("Write date and time like 2026-12-04 18:00") from None

    def trial_input(self, conn: Connection, key: str) -> TrialInput:
        """The input for trying the draft of this rule."""
        kind, _, which = self.on.partition(":")
        overrides: dict[str, Any] = {"at": self.moment, "zone": self.zone or None, "values": self.values}
        if kind == "event" and which.isascii() and which.isdigit() and len(which) < 19:
            return TrialInput(event=int(which), **overrides)
        if kind == "player" and which:
            return TrialInput(player=which, **overrides)
        case = (
            test_cases.case(conn, key, int(which)) if kind == "case" and which.isdigit() and len(which) < 19 else None
        )
        case_input = case.given if case else {}
        return TrialInput(kind=str(case_input.get("event") or ""), facts=case_input.get("facts") or {}, **overrides)


def chosen_for(key: str) -> ChosenCase | None:
    """The case chosen for this rule, if it is the rule edited last."""
    remembered = session.get(SESSION_KEY) or {}
    return ChosenCase(**remembered[key]) if key in remembered else None


def remember(key: str, chosen: ChosenCase) -> None:
    """Store the choice in the session. Raises `EditRefused` if it is too large for a cookie."""
    members = {"on": chosen.on, "at": chosen.at, "zone": chosen.zone, "values": dict(chosen.values)}
    if len(repr(members)) > BYTES_MAX:
        raise EditRefused("These values are too long to try by hand: save them as a test case")
    session[SESSION_KEY] = {key: members}


def read_choice(
    form: MultiDict[str, str], before: ChosenCase, shown_facts: Mapping[str, Any], catalogue: Catalogue
) -> ChosenCase:
    """The choice that a submitted form makes. Raises `EditRefused` for an unknown zone or an invalid moment.

    Values count as changed if they differ from what is shown, or did before. They stay with the case that they were
    typed for until they are reset.
    """
    player, zone = form.get("player", "").strip(), form.get("zone", "").strip()
    if zone and zone not in ZONES:
        raise EditRefused(f"Unknown time zone: {zone[:40]!r}. Write it like Europe/London")
    on = (f"player:{player}" if player else form.get("next") or form.get("on", TYPED_VALUES))[:200]
    earlier_values = before.values if on == before.on and not form.get("reset") else {}
    typed_values = {} if form.get("reset") else _changed_values(form, earlier_values, shown_facts, catalogue)
    chosen = ChosenCase(on, form.get("at", "").strip()[:40], zone, {**earlier_values, **typed_values})
    _ = chosen.moment  # raises for an invalid date before anything is remembered
    return chosen


def _changed_values(
    form: MultiDict[str, str], earlier_values: Mapping[str, Any], shown_facts: Mapping[str, Any], catalogue: Catalogue
) -> dict[str, Any]:
    texts = {name.removeprefix(VALUE_PREFIX): text for name, text in form.items() if name.startswith(VALUE_PREFIX)}
    values = {path: value_of(path, text, catalogue) for path, text in texts.items() if path in shown_facts}
    return {path: value for path, value in values.items() if path in earlier_values or value != shown_facts[path]}


def value_of(path: str, text: str, catalogue: Catalogue) -> Any:
    """One typed value, or a list from comma-separated text for facts that hold several; None for no value."""
    fact = catalogue.fact(path)
    if fact is not None and fact.type == "texts":
        return [part.strip() for part in text.split(",") if part.strip()] if text.strip() else None
    return one_value(fact, text)
