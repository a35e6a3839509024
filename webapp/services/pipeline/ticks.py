"""Time passes: a tick is appended for each player for whom time alone changes something.

Folding an entry works out when its player is next due. `renew_due_times` is for everybody else: a lifecycle or streak
that is new, changed or resumed also applies to players of whom nothing is heard any more.
"""

from engine.kinds import KINDS
from engine.scoring.rulebook.rulebook import Rulebook
from engine.scoring.state.player_state import decode
from engine.scoring.views.due import due_at
from webapp.config import Settings
from webapp.queue import wakeups
from webapp.store.events import event_log, shards
from webapp.store.events.event_log import SystemEntry
from webapp.store.players import due_players
from webapp.store.players.due_players import Progress
from webapp.store.rules import rulebooks
from webapp.store.system.connection import Connection, connect

TICK = "laurel.tick"
TICKS_MAX = 500
PAGES_AT_ONCE = 100
PAGE = 500


def append_ticks(settings: Settings) -> int:
    """Queue the ticks that are due and return how many were new; ids are derived, so a second call appends nothing."""
    with connect(settings.database_url) as conn:
        hinted = []
        for player in due_players.due(conn, TICKS_MAX):
            tick = SystemEntry(player.number, player.shard, TICK, f"tick:{player.number}:{player.due_at}", b"{}")
            if event_log.append_system_entry(conn, tick, queued=True):
                hinted.append(player.shard)
        conn.commit()
    wakeups.hint(settings, hinted)
    return len(hinted)


def renew_due_times(settings: Settings) -> int:
    """Go on working out by the live rulebook when players are due, some pages; returns how many were looked at."""
    players_seen = 0
    with connect(settings.database_url) as conn:
        for _ in range(PAGES_AT_ONCE):
            page_size = _renew_page(conn)
            conn.commit()
            if page_size is None:
                break
            players_seen += page_size
    return players_seen


def _renew_page(conn: Connection) -> int | None:
    """One page; None where all is done. A newer rulebook starts over, unless it lets time pass as the one before."""
    live = rulebooks.live(conn)
    progress = due_players.progress(conn)
    if progress.rulebook != live.number:
        is_same = progress.is_done and _timed_documents(conn, progress.rulebook) == _timed_documents(conn, live.number)
        progress = Progress(live.number, len(shards.ALL) if is_same else 0, 0)
    elif progress.is_done:
        return None
    page_size = 0 if progress.is_done else _renew_players(conn, progress, live)
    is_shard_done = page_size < PAGE and not progress.is_done
    due_players.save_progress(conn, progress.next_shard() if is_shard_done else progress)
    return page_size


def _renew_players(conn: Connection, progress: Progress, book: Rulebook) -> int:
    shards.lock(conn, progress.shard)
    rows = due_players.states(conn, progress.shard, progress.after, PAGE)
    due_players.save(conn, [(number, due_at(decode(state), book)) for number, state in rows])
    if rows:
        progress.after = rows[-1][0]
    return len(rows)


def _timed_documents(conn: Connection, rulebook: int) -> dict[str, object]:
    documents = rulebooks.documents(conn, rulebook)
    return {key: document for key, document in documents.items() if KINDS[document["kind"]].changes_with_time}
