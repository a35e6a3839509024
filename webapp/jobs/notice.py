"""Noticing what events carry: the beat looks at the newest ones, so that the catalogue knows their properties."""

from webapp.config import Settings
from webapp.store import facts
from webapp.store.connection import connect


def notice_events(settings: Settings) -> int:
    """Take up what the newest events since the last look carried, a sample of them where there are many."""
    with connect(settings.database_url) as conn:
        noticed = facts.notice(conn)
        conn.commit()
    return noticed
