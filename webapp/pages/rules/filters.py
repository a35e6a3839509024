"""Which rules a list shows: kind, status, event and words, all of them in the address."""

from dataclasses import dataclass, replace
from typing import Self

from flask import request

from engine.kinds import GROUPS
from webapp.pages.layout import address
from webapp.pages.rules.list_rows import STATUSES, RuleListRow

TABS = {kind.key: kind.tab for kinds in GROUPS.values() for kind in kinds if kind.tab}


@dataclass(frozen=True, slots=True)
class KindTab:
    """One kind of rules above the list."""

    name: str
    address: str
    is_current: bool
    note: str


@dataclass(frozen=True, slots=True)
class RuleFilters:
    """What the address asks for; empty means any."""

    kind: str = ""
    status: str = ""
    event: str = ""
    q: str = ""

    @classmethod
    def of_request(cls) -> Self:
        """Read the address."""
        kind, status, event, q = (request.args.get(name, "").strip() for name in ("kind", "status", "event", "q"))
        return cls(kind, status, event, q)

    @property
    def is_any(self) -> bool:
        """Whether nothing is filtered."""
        return not (self.kind or self.status or self.event or self.q)

    @property
    def choices(self) -> dict[str, str]:
        """The statuses by name."""
        return STATUSES

    def admit(self, each: RuleListRow) -> bool:
        """Whether a rule is shown; archived ones only where they are asked for."""
        is_kind = not self.kind or each.kind == self.kind or (self.kind == "other" and each.kind not in TABS)
        is_status = self.status in each.marks if self.status else "archived" not in each.marks
        is_event = not self.event or self.event in each.events or "*" in each.events
        return is_kind and is_status and is_event and self.q.lower() in each.words

    def tabs(self, every: list[RuleListRow]) -> list[KindTab]:
        """The kinds with their numbers under the other filters."""
        names = {"": "All", **TABS, "other": "Other"}
        return [self._tab(kind, name, every) for kind, name in names.items()]

    def _tab(self, kind: str, name: str, every: list[RuleListRow]) -> KindTab:
        there = replace(self, kind=kind)
        count = sum(1 for each in every if there.admit(each))
        there_at = address("rules.show", kind=kind, status=self.status, event=self.event, q=self.q)
        return KindTab(name, there_at, self.kind == kind, str(count))
