"""What the pages about rules show: the list, and one rule."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from webapp.pages.condition_rows import ConditionLine
from webapp.pages.rules.filters import KindTab, RuleFilters
from webapp.pages.rules.list_rows import NewRuleLink, RuleListRow
from webapp.services.publishing.publish_on_schedule import PendingPublication
from webapp.store.rules.rule_versions import StoredRule


@dataclass(frozen=True, slots=True)
class RulesPage:
    """The rules that pass the filters, and the choices to filter by; `rulebook` says what is live since when."""

    rows: Sequence[RuleListRow]
    filters: RuleFilters
    kind_tabs: Sequence[KindTab]
    events: Sequence[str]
    rulebook: str
    links: Sequence[NewRuleLink]
    may_change: bool
    may_edit: bool


@dataclass(frozen=True, slots=True)
class VersionLine:
    """A version in a short list: the rule as it was then, in words, and who made it."""

    number: int
    sentence: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class RulePage:
    """One rule: in words, as rows, as its document, with its newest versions.

    `job` is a publication that has not ended well or not ended yet; `hours` are the matches by the hour over a day,
    `refusals` say how often it granted nothing or less in that time, and why.
    """

    rule: StoredRule
    row: RuleListRow
    pending: PendingPublication | None
    job: Mapping[str, Any] | None
    tree: Sequence[ConditionLine]
    document: str
    versions: Sequence[VersionLine]
    hours: Sequence[int]
    refusals: Sequence[tuple[str, int]]
    may_change: bool
    may_edit: bool
