"""The filters of the list of rules: kind, status, event and search words, all in the address."""

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
    """The filters of the address; empty means any."""

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

    def admit(self, row: RuleListRow) -> bool:
        """Whether a rule passes the filters; archived rules only if that status is chosen."""
        is_kind = not self.kind or row.kind == self.kind or (self.kind == "other" and row.kind not in TABS)
        is_status = self.status in row.marks if self.status else "archived" not in row.marks
        is_event = not self.event or self.event in row.events or "*" in row.events
        return is_kind and is_status and is_event and self.q.lower() in row.words

    def tabs(self, rows: list[RuleListRow]) -> list[KindTab]:
        """The kinds, each with the number of rules that pass the other filters."""
        names = {"": "All", **TABS, "other": "Other"}
        return [self._tab(kind, name, rows) for kind, name in names.items()]

    def _tab(self, kind: str, name: str, rows: list[RuleListRow]) -> KindTab:
        filters_of_tab = replace(self, kind=kind)
        count = sum(1 for row in rows if filters_of_tab.admit(row))
        tab_address = address("rules.show", kind=kind, status=self.status, event=self.event, q=self.q)
        return KindTab(name, tab_address, self.kind == kind, str(count))
