"""Noticing what events carry: the beat looks at the newest ones, so that the catalogue knows their properties."""

from webapp.config import Settings
from webapp.store.events import seen_properties
from webapp.store.system.connection import connect


def notice_events(settings: Settings) -> int:
    """Take up what the newest events since the last look carried, a sample of them where there are many."""
    with connect(settings.database_url) as conn:
        noticed = seen_properties.notice(conn)
        conn.commit()
    return noticed
