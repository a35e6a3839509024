"""What the pages around a draft show: its review, the versions of its rule, and its test cases."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.vocabulary.fact import Fact
from webapp.pages.drafts.test_case_forms import TestCaseForm
from webapp.pages.drafts.version_views import PAST_NAMES, BacktestFigure, PublicationDates, VersionDifference
from webapp.pages.editor.links import RuleTab
from webapp.pages.rules.list_rows import status_mark
from webapp.services.campaigns.planned_campaigns import PlannedCampaign
from webapp.services.drafts.run_test_cases import TestCaseResult
from webapp.services.publishing.publish_on_schedule import PendingPublication
from webapp.services.publishing.review import Review
from webapp.store.rules.backtests import Backtest
from webapp.store.rules.drafts import Draft
from webapp.store.rules.rule_versions import StoredRule
from webapp.store.rules.sample_events import RecentEvent
from webapp.store.rules.test_cases import TestCase
from webapp.store.rules.version_notes import VersionNote


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """A draft compared with what is live, or with what was sent, and what the reader may decide about it.

    `launch` is the campaign that it launches, which is simulated rather than replayed; None for all else.
    `no_backtest` says why there can never be a backtest; empty if there can.
    `person` gives the name for an address. `live_changes` is what went live since the draft was begun. `typed` is the
    form as it was submitted, and `refused` the reason why nothing was done.
    """

    review: Review
    icon: str
    person: Callable[[str], str]
    since_sent: bool
    difference: VersionDifference
    live_changes: VersionDifference | None
    pending: PendingPublication | None
    document: str
    backtest: Backtest | None
    figures: Sequence[BacktestFigure]
    no_backtest: str
    launch: PlannedCampaign | None
    dates: PublicationDates
    refused: str
    typed: Mapping[str, str]
    is_mine: bool
    may_publish: bool
    may_write: bool
    lacking_eyes: Sequence[str]

    @property
    def draft(self) -> Draft:
        """The draft that is reviewed."""
        return self.review.draft

    @property
    def base_version(self) -> str:
        """The version that the draft changes; empty for a rule that was never published."""
        return f"v{self.draft.base_version}" if self.review.base else ""

    @property
    def heading(self) -> str:
        """From which version to which: `v2 → v3`, or the one version if nothing changes."""
        rule = self.review.rule
        if self.review.changes_nothing:
            return self.base_version
        next_version = (rule.latest_version if rule else 0) + (1 if self.draft.id or not rule else 0)
        return f"{self.base_version} → v{next_version}" if self.base_version else f"v{next_version}"

    @property
    def compared_with(self) -> str:
        """The heading above the side that the draft is compared with; empty if there is none."""
        if self.since_sent:
            return "Sent"
        is_live = self.base_version and not self.review.has_moved
        return f"Live, {self.base_version}" if is_live else self.base_version

    @property
    def may_decide(self) -> bool:
        """Whether the reader may approve or publish the draft as it is."""
        return self.may_publish and not self.lacking_eyes and self.review.may_be_sent

    @property
    def past_of_submission(self) -> str:
        """What is to happen to the past according to what was sent, within a sentence; empty if nothing was sent."""
        text = PAST_NAMES[self.review.sent.past] if self.review.sent else ""
        return text[:1].lower() + text[1:]


@dataclass(frozen=True, slots=True)
class VersionView:
    """One version: its sentence, its changes from the version before, and the note of its publication."""

    number: int
    sentence: str
    difference: VersionDifference | None
    note: VersionNote | None
    by: str
    at: datetime
    is_live: bool


@dataclass(frozen=True, slots=True)
class VersionsPage:
    """The versions of a rule, newest first; `older` is the version below which the next page begins.

    `person` gives the name for an address. `job` is a publication that has not ended well or not ended yet, `waiting`
    how many events wait to be applied, `dependents` names the live rules that need this one, `refused` the reason why
    nothing was done.
    """

    draft: Draft
    rule: StoredRule | None
    icon: str
    person: Callable[[str], str]
    tabs: Sequence[RuleTab]
    versions: Sequence[VersionView]
    older: int | None
    pending: PendingPublication | None
    job: Mapping[str, Any] | None
    waiting: int
    dependents: Sequence[str]
    refused: str
    may_publish: bool
    may_write: bool

    @property
    def status(self) -> tuple[str, str]:
        """The mark of its status, as in the list of rules: a key and words."""
        return status_mark(self.rule)

    @property
    def dependents_need(self) -> str:
        """Subject and verb of a sentence about what needs this rule: `a needs`, `a, b need`."""
        return f"{', '.join(self.dependents)} {'needs' if len(self.dependents) == 1 else 'need'}"


@dataclass(frozen=True, slots=True)
class CasesPage:
    """The test cases of a rule with their results, and recent events that can become test cases.

    `labels` names the facts by their paths; `refused` is the reason why nothing was done.
    """

    draft: Draft
    icon: str
    tabs: Sequence[RuleTab]
    results: Sequence[TestCaseResult]
    labels: Mapping[str, str]
    recent: Sequence[RecentEvent]
    refused: str
    may_write: bool

    @property
    def passing(self) -> int:
        """How many test cases pass."""
        return sum(result.passes for result in self.results)

    @property
    def all_pass(self) -> bool:
        """Whether there is no test case that fails."""
        return self.passing == len(self.results)


@dataclass(frozen=True, slots=True)
class CasePage:
    """The form of one test case of a rule; `case` is None for a new one, `facts` are those that can be added."""

    draft: Draft
    icon: str
    tabs: Sequence[RuleTab]
    form: TestCaseForm
    case: TestCase | None
    facts: Sequence[Fact]

    @property
    def title(self) -> str:
        """The name of the test case, or that it is a new one."""
        return self.case.name if self.case else "New test case"

    @property
    def rule_name(self) -> str:
        """The name of the rule, or its key while it has none."""
        return self.draft.document.get("name") or self.draft.key

    @property
    def events(self) -> Sequence[str]:
        """The events to choose from: those that the rule waits for, and the one that is chosen."""
        return list(dict.fromkeys([*self.form.events, *([self.form.event] if self.form.event else [])]))
