"""The demo's campaign: opened on the first start; once it is over, the next start opens its next edition."""

from rules_library import weekend
from webapp.config import Settings
from webapp.runtime import clock
from webapp.services.campaigns import synthetic_traffic
from webapp.services.publishing.publish import apply_documents
from webapp.store.campaigns import campaign_rows
from webapp.store.campaigns.synthetic_traffic import is_campaign_over
from webapp.store.system.connection import Connection, connect

BY = "laurel"
PER_SECOND = 5.0
EDITIONS_MAX = 1_000


def open_demo_campaign(settings: Settings) -> str | None:
    """Publish the next edition and send it synthetic traffic, unless one is still to be played; returns its key."""
    with connect(settings.database_url) as conn:
        edition = _next_edition(conn)
        if edition is None:
            return None
        applied = apply_documents(conn, weekend.documents(clock.now(), edition), BY, publish=True)
        if applied.problems:  # somebody changed what the demo published: their version stays
            return None
        synthetic_traffic.start_traffic(conn, weekend.key_of(edition), PER_SECOND)
        conn.commit()
    return weekend.key_of(edition)


def _next_edition(conn: Connection) -> int | None:
    for edition in range(1, EDITIONS_MAX):
        if campaign_rows.campaign(conn, weekend.key_of(edition)) is None:
            return edition
        if not is_campaign_over(conn, weekend.key_of(edition)):
            return None
    return None
