"""What running campaigns have left, brand by brand, and what about it asks for a person."""

from dataclasses import dataclass
from datetime import datetime

from webapp.pages.campaigns.alerts import Alert, alerts
from webapp.pages.campaigns.dashboard import Row, board
from webapp.store.campaigns import campaign_rows
from webapp.store.system.connection import Connection

CAMPAIGNS_SHOWN = 2


@dataclass(frozen=True, slots=True)
class Budget:
    """A running campaign: its brands against their plans, and its alerts, the worst first."""

    key: str
    name: str
    brands: tuple[Row, ...]
    alerts: tuple[Alert, ...]


def running(conn: Connection, now: datetime) -> tuple[Budget, ...]:
    """The campaigns that run, the first launched first."""
    boards = ((each, board(conn, each, "", now)) for each in campaign_rows.campaigns(conn) if not each.is_closed)
    found = (
        Budget(campaign.key, campaign.document["name"], shown.brands, tuple(alerts(shown)))
        for campaign, shown in boards
        if shown.state == "running"
    )
    return tuple(found)[:CAMPAIGNS_SHOWN]
