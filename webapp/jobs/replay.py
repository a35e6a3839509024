"""Replaying what was parked: a new entry with the old one's content, at its own n."""

from webapp.config import Settings
from webapp.jobs import hints
from webapp.store import audit, parked
from webapp.store.connection import connect


def replay(settings: Settings, seq: int, by: str) -> bool:
    """Queue a parked entry again; false where it was replayed before, or its player was erased."""
    with connect(settings.database_url) as conn:
        shard = parked.replay(conn, seq)
        if shard is None:
            return False
        audit.note(conn, by, "parked.replay", f"entry:{seq}")
        conn.commit()
    hints.hint(settings, [shard])
    return True
