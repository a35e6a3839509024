"""What needs a person: parked work, rules that fail, approvals, budgets; and how the parts of Laurel are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from webapp.http.access import Role, actor
from webapp.pages.campaigns.alerts import BudgetAlert
from webapp.pages.home import budgets, health
from webapp.pages.home.budgets import RunningCampaign
from webapp.pages.home.health import HealthLine
from webapp.pages.layout import may
from webapp.runtime import clock
from webapp.services.demo import demo_events
from webapp.store.events import fault_log, parked_entries
from webapp.store.events.fault_log import FaultyRule
from webapp.store.events.parked_entries import ParkedEntry
from webapp.store.rules import submissions
from webapp.store.rules.submissions import Submission
from webapp.store.system.connection import Connection
from webapp.store.system.failing_chores import FailingChore, failing_chores
from webapp.store.system.side_bar_counts import side_bar_counts


@dataclass(frozen=True, slots=True)
class Attention:
    """The side of Home: `submissions` wait for approval, `returned` were sent back to whoever looks."""

    parked_count: int
    newest_parked: ParkedEntry | None
    faulty_rules: Sequence[FaultyRule]
    submissions: Sequence[Submission]
    returned: Sequence[Submission]
    campaigns: Sequence[RunningCampaign]
    failing_chores: Sequence[FailingChore]
    health: Sequence[HealthLine]
    demo: Mapping[str, Any]
    may_publish: bool

    @property
    def alerts(self) -> list[tuple[RunningCampaign, BudgetAlert]]:
        """What is urgent about budgets, each with its campaign."""
        return [(campaign, alert) for campaign in self.campaigns for alert in campaign.alerts]

    @property
    def is_needed(self) -> bool:
        """Whether anything needs a person."""
        return bool(
            self.parked_count
            or self.faulty_rules
            or self.submissions
            or self.returned
            or self.alerts
            or self.failing_chores
        )


def attention(conn: Connection) -> Attention:
    """Read it from the database."""
    parked = parked_entries.list_parked(conn, is_settled=False, limit=1)
    failing = failing_chores(conn)
    return Attention(
        parked_count=side_bar_counts(conn).parked,
        newest_parked=parked[0] if parked else None,
        faulty_rules=fault_log.faulty_rules(conn),
        submissions=submissions.waiting(conn),
        returned=submissions.returned_to(conn, actor()),
        campaigns=budgets.running_campaigns(conn, clock.now()),
        failing_chores=failing,
        health=health.lines(conn, failing),
        demo=demo_events.demo_state(conn),
        may_publish=may(Role.PUBLISHER),
    )
