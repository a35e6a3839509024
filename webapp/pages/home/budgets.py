"""What running campaigns have left, brand by brand, and what about it needs attention."""

from dataclasses import dataclass
from datetime import datetime

from webapp.pages.campaigns.alerts import BudgetAlert, budget_alerts
from webapp.pages.campaigns.dashboard import BudgetRow, budget_dashboard
from webapp.store.campaigns import campaign_rows
from webapp.store.system.connection import Connection

CAMPAIGNS_SHOWN = 2


@dataclass(frozen=True, slots=True)
class RunningCampaign:
    """A running campaign: its brands against their plans, and its alerts, the worst first."""

    key: str
    name: str
    brands: tuple[BudgetRow, ...]
    alerts: tuple[BudgetAlert, ...]


def running_campaigns(conn: Connection, now: datetime) -> tuple[RunningCampaign, ...]:
    """The newest campaigns that run, at most two."""
    running = []
    for campaign in campaign_rows.campaigns(conn):
        if campaign.is_closed:
            continue
        dashboard = budget_dashboard(conn, campaign, "", now)
        if dashboard.state == "running":
            alerts = tuple(budget_alerts(dashboard))
            running.append(RunningCampaign(campaign.key, campaign.document["name"], dashboard.brands, alerts))
    return tuple(running[:CAMPAIGNS_SHOWN])
