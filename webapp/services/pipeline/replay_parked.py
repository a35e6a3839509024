"""Replaying what was parked: a new entry with the old one's content, at its own n."""

from webapp.config import Settings
from webapp.queue import wakeups
from webapp.store.events import parking
from webapp.store.people import audit
from webapp.store.system.connection import connect


def replay(settings: Settings, seq: int, by: str) -> bool:
    """Queue a parked entry again; false where it was replayed before, or its player was erased."""
    with connect(settings.database_url) as conn:
        shard = parking.replay(conn, seq)
        if shard is None:
            return False
        audit.note(conn, by, "parked.replay", f"entry:{seq}")
        conn.commit()
    wakeups.hint(settings, [shard])
    return True
