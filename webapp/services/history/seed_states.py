"""Seeding: players' states get the values that metrics, streaks and boards would have had since the first event.

The log is folded through the documents, shard by shard, and caught up with under the shard's lock: a player's
`laurel.seeded` entry carries the values of the whole history as of the entry's own `n`.
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
from webapp.services.history.history_walk import HistoryWalk
from webapp.services.history.verify import Progress, no_progress
from webapp.store.events import shards
from webapp.store.events.event_log import SystemEntry
from webapp.store.players import player_states
from webapp.store.system.connection import Connection, connect

SEEDED_AT_ONCE = 100  # under the shard's lock, for which its drain waits


@dataclass(slots=True)
class ShardSeeding:
    """Seeding one shard: since which rulebook, which group of documents, and the players who are seeded already."""

    shard: int
    since: int
    group: str
    versions: dict[str, int]
    walk: HistoryWalk
    seeded_players: set[int] = field(default_factory=set)


def seed_states(settings: Settings, keys: Sequence[str], since: int, progress: Progress = no_progress) -> int:
    """Recount the past of the documents with these keys for every player; returns the number of entries appended.

    Rulebook `since`, which must be committed, holds the documents. Each player gets one `laurel.seeded` entry for each
    group of documents, with a derived id: a second call, or one after a crash, seeds only those who have none yet.
    """
    appended = 0
    with connect(settings.database_url) as conn:
        groups = history_walk.seeding_groups(conn, list(keys), since)
        conn.rollback()
        for done, shard in enumerate(shards.ALL, start=1):
            for group in groups:
                walk = HistoryWalk(shard, group.books, _fold)
                appended += _seed_shard(conn, ShardSeeding(shard, since, group.name, group.versions, walk))
            progress(done, len(shards.ALL))
    return appended


def _seed_shard(conn: Connection, seeding: ShardSeeding) -> int:
    appended = 0
    while True:
        n = shards.lock(conn, seeding.shard)
        if n - seeding.walk.after > history_walk.PAGE:  # too much to read under the lock
            conn.rollback()
            seeding.walk.walk_to(conn, n)
            continue
        seeding.walk.catch_up(conn, n)
        players = sorted(seeding.walk.players.keys() - seeding.seeded_players)[:SEEDED_AT_ONCE]
        appended += history_walk.apply_locked(conn, seeding.shard, n, _entries(conn, seeding, players))
        conn.commit()
        seeding.seeded_players.update(players)
        if not players:
            return appended


def _entries(conn: Connection, seeding: ShardSeeding, players: Sequence[int]) -> list[SystemEntry]:
    """The entries of these players, except of those who have no values and shall have none."""
    rows, entries = player_states.load(conn, players), []
    for number in players:
        content = seed_content(seeding.walk.players[number], (), seeding.versions)
        if content["state"] or has_values(decode(rows[number].state), seeding.versions):
            event_id = f"seeded:{seeding.since}:{seeding.group}:{number}"
            entries.append(history_walk.system_entry(number, seeding.shard, SEEDED, event_id, content))
    return entries


def _fold(player: Player, step: HistoryStep) -> None:
    for _ in rebuild(player, [step]):
        pass
