"""Which rules a list shows: kind, status, event and words, all of them in the address."""

from dataclasses import dataclass, field, replace
from typing import Any, Self

from flask import request

from engine.logic.phrase import sentence
from engine.vocabulary.fact import Catalogue
from webapp.pages import pictures
from webapp.pages.frame import address
from webapp.store.rules import Rule

TABS = {
    "badge": "Badges",
    "mission": "Missions",
    "earning": "Earning",
    "leaderboard": "Leaderboards",
    "metric": "Metrics",
}
STATUSES = {
    "live": ("live", "Live"),
    "counting": ("review", "Counting history…"),
    "draft": ("draft", "Draft"),
    "paused": ("paused", "Paused"),
    "archived": ("draft", "Archived"),
}


@dataclass(frozen=True, slots=True)
class Listed:
    """A rule as a row: with its sentence, its picture and how it stands."""

    rule: Rule
    sentence: str
    icon: str
    tier: str
    state: str
    status: str
    events: tuple[str, ...]


def listed(rule: Rule, catalogue: Catalogue) -> Listed:
    """Turn a rule into its row."""
    document: dict[str, Any] = rule.document
    state, status = STATUSES[rule.status]
    if rule.status == "live" and rule.live_version != rule.latest_version:
        status = "Live, draft"
    events = (document.get("trigger") or {}).get("events") or document.get("events") or ()
    icon, tier = pictures.of_rule(rule.kind, rule.key), document.get("tier", "")
    return Listed(rule, sentence(document, catalogue), icon, tier, state, status, tuple(events))


@dataclass(frozen=True, slots=True)
class Tab:
    """One kind of rules above the list."""

    name: str
    address: str
    is_current: bool
    note: str


@dataclass(frozen=True, slots=True)
class Filters:
    """What the address asks for; empty means any."""

    kind: str = ""
    status: str = ""
    event: str = ""
    q: str = ""
    choices: dict[str, str] = field(default_factory=lambda: {name: text for name, (_, text) in STATUSES.items()})

    @classmethod
    def of_request(cls) -> Self:
        """Read the address."""
        kind, status, event, q = (request.args.get(name, "").strip() for name in ("kind", "status", "event", "q"))
        return cls(kind, status, event, q)

    @property
    def is_any(self) -> bool:
        """Whether nothing is filtered."""
        return not (self.kind or self.status or self.event or self.q)

    def admit(self, each: Listed) -> bool:
        """Whether a rule is shown."""
        is_kind = not self.kind or each.rule.kind == self.kind or (self.kind == "other" and each.rule.kind not in TABS)
        is_status = each.rule.status == self.status if self.status else each.rule.status != "archived"
        is_event = not self.event or self.event in each.events or "*" in each.events
        words = f"{each.rule.name} {each.rule.key} {each.sentence}".lower()
        return is_kind and is_status and is_event and self.q.lower() in words

    def tabs(self, every: list[Listed]) -> list[Tab]:
        """The kinds with their numbers under the other filters."""
        names = {"": "All", **TABS, "other": "Other"}
        return [self._tab(kind, name, every) for kind, name in names.items()]

    def _tab(self, kind: str, name: str, every: list[Listed]) -> Tab:
        there = replace(self, kind=kind)
        count = sum(1 for each in every if there.admit(each))
        there_at = address("rules.show", kind=kind, status=self.status, event=self.event, q=self.q)
        return Tab(name, there_at, self.kind == kind, str(count))
