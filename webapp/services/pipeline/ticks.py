"""Time passes: a tick is appended for each player whom time alone has something to change for."""

from webapp.config import Settings
from webapp.queue import wakeups
from webapp.services.pipeline.apply_now import LAUREL_APP
from webapp.store.events import event_log
from webapp.store.events.event_log import OwnEntry
from webapp.store.players import player_states
from webapp.store.system.connection import connect

TICKS_MAX = 500
TICK = "laurel.tick"


def append_ticks(settings: Settings) -> int:
    """Queue the ticks that are due; gives how many were new. A tick's id is derived: a second one is the same."""
    with connect(settings.database_url) as conn:
        due = player_states.due(conn, TICKS_MAX)
        new = [
            shard
            for number, shard, at in due
            if event_log.append_own(
                conn, LAUREL_APP, OwnEntry(number, shard, TICK, f"tick:{number}:{at}", b"{}"), queued=True
            )
        ]
        conn.commit()
    wakeups.hint(settings, new)
    return len(new)
