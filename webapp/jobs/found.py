"""What stands in a shard when its lock is taken, and applying it."""

from dataclasses import dataclass
from typing import Any

from engine.vocabulary.entry import Entry
from webapp.jobs.folding import Standing, fold_entries
from webapp.jobs.saving import save
from webapp.store import history, players, shards
from webapp.store.connection import Connection
from webapp.store.history import entry_of


@dataclass(frozen=True, slots=True)
class Found:
    """A shard under its lock and its first waiting entries; `died_with` is the size of a batch that died, else 0."""

    standing: Standing
    entries: list[Entry]
    died_with: int


class UnreadableError(Exception):
    """A waiting entry whose stored form cannot be read; the shard's lock is held."""

    def __init__(self, seq: int, error: Exception) -> None:
        super().__init__(f"entry {seq}: {type(error).__name__}: {error}")
        self.seq = seq


LOCK = "SELECT n FROM shard WHERE number = %s FOR UPDATE SKIP LOCKED"
# Asked after the lock was taken, so that no batch of a shard uses an older rulebook than the batch before it.
AROUND = (
    "SELECT number, created_at, (SELECT holder FROM lease WHERE name = %s) FROM rulebook ORDER BY number DESC LIMIT 1"
)


def find(conn: Connection, shard: int, limit: int) -> Found | None:
    """Take the shard's lock and read what waits, in one round trip; None while another holds the lock.

    Raises `UnreadableError` for the first entry that cannot be read.
    """
    with conn.pipeline():
        locked = conn.execute(LOCK, (shard,))
        around = conn.execute(AROUND, (shards.mark_name(shard),))
        waiting = conn.execute(history.PENDING, (shard, limit), binary=True)
        rows = conn.execute(players.LOAD_WAITING, (shard, limit), binary=True)
        n = locked.fetchone()
        if n is None:
            return None
        return _found(shard, n[0], around.fetchone(), (waiting.fetchall(), rows.fetchall()))


def _found(shard: int, n: int, around: Any, rows: tuple[list[Any], list[Any]]) -> Found:
    rulebook, since, died_with = around
    entries = [_read(row, n + place) for place, row in enumerate(rows[0], start=1)]
    loaded = {row[0]: players.Stored(*row) for row in rows[1]}
    return Found(Standing(shard, n, rulebook, loaded, since), entries, int(died_with or 0))


def _read(row: Any, n: int) -> Entry:
    try:
        return entry_of(row, n)
    except (ValueError, AttributeError) as error:  # no JSON, or JSON of another form
        raise UnreadableError(row[0], error) from error


def apply(conn: Connection, found: Found) -> None:
    """Fold the entries and write what follows; the caller commits."""
    missing = {entry.player for entry in found.entries} - found.standing.rows.keys()
    if missing:  # more came in between the two statements that read
        found.standing.rows.update(players.load(conn, missing))
    folded = fold_entries(conn, found.standing, found.entries)
    save(conn, found.standing, folded, found.entries)
