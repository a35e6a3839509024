"""Seeding: what metrics, streaks and boards would have come to since the first event is put into players' states.

The log is folded through the documents, shard by shard, and caught up with under the shard's lock: what a player's
`laurel.seeded` entry carries is what the whole history came to at its own `n`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from engine.rehearsal.rehearse import HistoryStep, rebuild, seed_content
from engine.scoring.seeding import has_values
from engine.scoring.state.memory import Player
from engine.scoring.state.player_state import decode
from engine.vocabulary.entry import SEEDED
from webapp.config import Settings
from webapp.services.history import history_walk
from webapp.services.history.verify import Progress, say_nothing
from webapp.store.events import shards
from webapp.store.events.event_log import SystemEntry
from webapp.store.players import player_states
from webapp.store.system.connection import Connection, connect

SEEDED_AT_ONCE = 100


@dataclass(slots=True)
class Count:
    """Counting one shard's history: for which rulebook, of which documents, and who has got theirs already."""

    shard: int
    since: int
    name: str
    versions: dict[str, int]
    walk: history_walk.Walk
    done: set[int] = field(default_factory=set)


def seed(settings: Settings, keys: Sequence[str], since: int, progress: Progress = say_nothing) -> int:
    """Count the past of the documents with these keys anew for every player; gives how many states had to be told.

    Rulebook `since`, which must be committed, holds the documents. Each player gets one `laurel.seeded` entry of each
    group of documents, with a derived id: a second call, or one after a crash, tells only those who have none yet.
    """
    seeded = 0
    with connect(settings.database_url) as conn:
        groups = history_walk.groups(conn, list(keys), since)
        conn.rollback()
        for done, shard in enumerate(shards.ALL, start=1):
            for name, (versions, books) in groups.items():
                seeded += _seed_shard(conn, Count(shard, since, name, versions, history_walk.Walk(shard, books, _fold)))
            progress(done, len(shards.ALL))
    return seeded


def _seed_shard(conn: Connection, count: Count) -> int:
    seeded = 0
    while True:
        n = shards.lock(conn, count.shard)
        if n - count.walk.after > history_walk.PAGE:  # too much to be read under the lock
            conn.rollback()
            count.walk.go(conn, n)
            continue
        count.walk.catch_up(conn, n)
        batch = sorted(count.walk.players.keys() - count.done)[:SEEDED_AT_ONCE]
        seeded += history_walk.apply_locked(conn, count.shard, n, _entries(conn, count, batch))
        conn.commit()
        count.done.update(batch)
        if not batch:
            return seeded


def _entries(conn: Connection, count: Count, batch: list[int]) -> list[SystemEntry]:
    """The entries of those players whose values are not, and shall not be, nothing at all."""
    rows = player_states.load(conn, batch)
    return [
        history_walk.own_entry(number, count.shard, SEEDED, f"seeded:{count.since}:{count.name}:{number}", content)
        for number, content in ((each, seed_content(count.walk.players[each], (), count.versions)) for each in batch)
        if content["state"] or has_values(decode(rows[number].state), count.versions)
    ]


def _fold(player: Player, step: HistoryStep) -> None:
    for _ in rebuild(player, [step]):
        pass
