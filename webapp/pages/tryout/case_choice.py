"""The case that an operator tries a draft on, remembered in the session for the rule edited last.

Also the event that a draft is tried on before anybody chooses: it is pinned, so that a verdict
changes only with the draft.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
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
from webapp.store.rules.drafts import Draft
from webapp.store.system.connection import Connection

SESSION_KEY = "trial"
VALUE_PREFIX = "v:"
BYTES_MAX = 1500
NUMBER_LENGTH_BOUND = 19  # a number with fewer digits fits into a bigint
TYPED_VALUES = "values"


@dataclass(frozen=True, slots=True)
class ChosenCase:
    """What to try a draft on.

    `on` is `event:NUMBER`, `player:ID`, `case:NUMBER` or `values`; `at` is a local time in `zone`. `is_pinned` if it is
    the first event that was shown, which nobody chose.
    """

    on: str = ""
    at: str = ""
    zone: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    is_pinned: bool = False

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

    @property
    def event(self) -> int | None:
        """The number of the event; None for any other case."""
        kind, _, number = self.on.partition(":")
        is_number = kind == "event" and number.isascii() and number.isdigit() and len(number) < NUMBER_LENGTH_BOUND
        return int(number) if is_number else None

    def trial_input(self, conn: Connection, key: str) -> TrialInput:
        """The input for trying the draft of this rule."""
        kind, _, which = self.on.partition(":")
        overrides: dict[str, Any] = {"at": self.moment, "zone": self.zone or None, "values": self.values}
        if self.event is not None:
            return TrialInput(event=self.event, **overrides)
        if kind == "player" and which:
            return TrialInput(player=which, **overrides)
        case = (
            test_cases.case(conn, key, int(which))
            if kind == "case" and which.isdigit() and len(which) < NUMBER_LENGTH_BOUND
            else None
        )
        case_input = case.given if case else {}
        return TrialInput(kind=str(case_input.get("event") or ""), facts=case_input.get("facts") or {}, **overrides)


def chosen_for(draft: Draft) -> ChosenCase | None:
    """The case chosen or pinned for this draft, if it is of the rule edited last; it stays when the key changes."""
    remembered = session.get(SESSION_KEY) or {}
    is_same = remembered.get("rule") == draft.key or (draft.id and remembered.get("draft") == draft.id)
    return ChosenCase(**remembered["case"]) if is_same else None


def remember(draft: Draft, chosen: ChosenCase) -> None:
    """Store the choice in the session. Raises `EditRefused` if it is too large for a cookie."""
    case = {**asdict(chosen), "values": dict(chosen.values)}
    if len(repr(case)) > BYTES_MAX:
        raise EditRefused("These values are too long to try by hand: save them as a test case")
    session[SESSION_KEY] = {"rule": draft.key, "draft": draft.id, "case": case}


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
