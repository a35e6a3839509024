"""The clauses that the sentences of rules are made of: trigger, condition, grant, limits, schedule, transition."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from engine.language.parse import Literal, Op, parse
from engine.language.words.conditions import ConditionWords
from engine.language.words.wording import value_text, word_list
from engine.vocabulary.fact import EVENT_PROPERTY, humanise

Raw: TypeAlias = Mapping[str, Any]

GAP = "…"
"""Stands for what a draft does not say yet."""
_SPANS = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))
_CURRENCIES = {"xp": "XP", "coins": "coins"}
_SINGULARS = {"XP": "XP", "coins": "coin"}
_PER = {"day": "a day", "week": "a week", "month": "a month", "player": "per player"}


@dataclass(frozen=True, slots=True)
class ClauseWords:
    """Clauses of a sentence; the optional ones include their leading comma."""

    conditions: ConditionWords

    def condition(self, logic: Any) -> str:
        """A condition in words; empty for none."""
        if logic is None:
            return ""
        node, _ = parse(logic)
        return self.conditions.text(node) if node is not None else "an unreadable condition"

    def where(self, logic: Any) -> str:
        """` and …` after events."""
        return f" and {self.condition(logic)}" if logic is not None else ""

    def only_if(self, logic: Any) -> str:
        """`, if …` after what players can do."""
        return f", if {self.condition(logic)}" if logic is not None else ""

    def event(self, event: str) -> str:
        """An event type in words."""
        return "anything happens" if event == "*" else humanise(event)

    def events(self, raw: Raw) -> str:
        """The events that trigger a rule."""
        trigger = raw.get("trigger")
        events = trigger.get("events") if isinstance(trigger, Mapping) else raw.get("events")
        return word_list([self.event(str(event)) for event in events or []], "or") or GAP

    def when(self, raw: Raw) -> str:
        """`when assessment submitted and score is at least 40`."""
        return f"when {self.events(raw)}{self.where(raw.get('condition'))}"

    def grant(self, grant: Any) -> str:
        """`50 XP + weight and 5 coins`."""
        grants = grant if isinstance(grant, Mapping) else {}
        parts = [self._granted(grants[key], unit) for key, unit in _CURRENCIES.items() if grants.get(key) is not None]
        if grants.get("coupon_pool"):
            parts.append(f"a coupon from {self.key(grants['coupon_pool'])}")
        return word_list(parts, "and") or "nothing"

    def also(self, grant: Any, for_what: str) -> str:
        """`; each new level gives 10 coins`."""
        return f"; {for_what} gives {self.grant(grant)}" if grant else ""

    def amount(self, formula: Any) -> str:
        """A formula in words."""
        node, _ = parse(formula)
        return self.conditions.words.operand(node) if node is not None else "an unreadable formula"

    def _granted(self, formula: Any, unit: str) -> str:
        node, _ = parse(formula)
        if isinstance(node, Literal):
            return f"{value_text(node.value)} {_SINGULARS[unit] if node.value == 1 else unit}"
        if isinstance(node, Op) and node.name == "+" and isinstance(node.args[0], Literal):
            first, rest = self.amount(formula).split(" + ", 1)
            return f"{first} {unit} + {rest}"
        return f"{self.amount(formula)} as {unit}"

    def limits(self, raw: Raw) -> str:
        """`, once per assessment, at most 500 XP a day`."""
        limits = raw.get("limits")
        if not isinstance(limits, Mapping):
            return ""
        return "".join(f", {words}" for words in (self._limit(name, value) for name, value in limits.items()) if words)

    def _limit(self, name: str, value: Any) -> str:
        if value is None or (not value and not name.startswith("max_")):  # a cap of 0 lets nothing through
            return ""
        if name == "once_per":
            return f"once per {word_list([self.conditions.words.path(str(path)) for path in value], 'and')}"
        if name == "cooldown_seconds":
            return f"at most once every {_span(value)}"
        for currency, unit in _CURRENCIES.items():
            if name.startswith(f"max_{currency}_per_"):
                return f"at most {value_text(value)} {unit} {_per(name)}"
        if name.endswith(("per_player", "per_day", "per_week", "per_month")):
            return f"at most {value_text(value)} {_counted(name, value)}{_per(name)}"
        return f"{humanise(name)} {value_text(value)}"

    def schedule(self, raw: Raw) -> str:
        """`, from 2026-12-04 18:00 UTC to …`."""
        starts, ends = raw.get("starts_at"), raw.get("ends_at")
        words = f", from {moment_text(starts)}" if starts else ""
        return words + (f"{'' if starts else ','} {'to' if starts else 'until'} {moment_text(ends)}" if ends else "")

    def property(self, name: Any) -> str:
        """The label of a property of the events."""
        return self.conditions.words.path(f"{EVENT_PROPERTY}{name}") if name else GAP

    def metric(self, score: str) -> str:
        """The name of the metric that a score of the form `metric.KEY` refers to."""
        return self.key(score.removeprefix("metric."))

    def key(self, key: Any) -> str:
        """The name of the rule with this key."""
        return _CURRENCIES.get(str(key)) or self.conditions.words.catalogue.name(str(key))

    def transition(self, raw: Raw) -> str:
        """`from ACTIVE to AT_RISK after 7 days without an event`."""
        source = raw.get("from")
        states = source if isinstance(source, list | tuple) else [source]
        start = "any state" if source in (None, "*") else word_list([str(state) for state in states], "or")
        words = f"from {start} to {raw.get('to') or GAP}"
        if raw.get("after_days_inactive") is not None:
            return f"{words} after {value_text(raw['after_days_inactive'])} days without an event"
        return f"{words} {self.when(raw)}" if raw.get("trigger") else f"{words} {GAP}"


def _per(name: str) -> str:
    return _PER[name.rsplit("_", 1)[-1]]


def _counted(name: str, value: Any) -> str:
    """What a limit of a game counts: `plays `, `win `; nothing for other limits."""
    for thing in ("play", "win"):
        if name.startswith(f"{thing}s_"):
            return f"{thing} " if value == 1 else f"{thing}s "
    return ""


def _span(seconds: Any) -> str:
    if not isinstance(seconds, int):
        return f"{value_text(seconds)} seconds"
    size, unit = next((size, unit) for size, unit in _SPANS if seconds % size == 0)
    count = seconds // size
    return unit if count == 1 else f"{count} {unit}s"


def moment_text(text: Any) -> str:
    """An RFC 3339 moment as `2026-12-04 18:00 UTC`."""
    day, _, clock = str(text).partition("T")
    if not clock:
        return day
    return f"{day} {clock[:5]} {'UTC' if clock.endswith('Z') else clock[-6:]}"
