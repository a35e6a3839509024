"""Time passes: a tick is appended for each player whom time alone has something to change for."""

from webapp.config import Settings
from webapp.jobs import hints
from webapp.jobs.apply_now import LAUREL_APP
from webapp.store import entries, players
from webapp.store.connection import connect
from webapp.store.entries import OwnEntry

TICKS_MAX = 500
TICK = "laurel.tick"


def append_ticks(settings: Settings) -> int:
    """Queue the ticks that are due; gives how many were new. A tick's id is derived: a second one is the same."""
    with connect(settings.database_url) as conn:
        due = players.due(conn, TICKS_MAX)
        new = [
            shard
            for number, shard, at in due
            if entries.append_own(
                conn, LAUREL_APP, OwnEntry(number, shard, TICK, f"tick:{number}:{at}", b"{}"), queued=True
            )
        ]
        conn.commit()
    hints.hint(settings, new)
    return len(new)
