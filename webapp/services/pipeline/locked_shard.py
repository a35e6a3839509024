"""What stands in shards when their locks are taken, and applying it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from engine.vocabulary.entry import Entry
from webapp.services.pipeline.fold_batch import Standing, fold_entries
from webapp.services.pipeline.save_batch import save
from webapp.store.events import history, shards
from webapp.store.events.history import entry_of
from webapp.store.players import player_states
from webapp.store.system.arrays import integers
from webapp.store.system.connection import Connection


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


LOCK = "SELECT number, n FROM shard WHERE number = ANY(%s::smallint[]) ORDER BY number FOR UPDATE SKIP LOCKED"
# Asked after the locks were taken, so that no batch of a shard uses an older rulebook than the batch before it.
LIVE = "SELECT number, created_at FROM rulebook ORDER BY number DESC LIMIT 1"


def find(conn: Connection, wanted: Sequence[int], limit: int) -> list[Found]:
    """Take the locks of these shards and read what waits in each, in one round trip; of what others hold, nothing.

    Raises `UnreadableError` for the first entry that cannot be read.
    """
    places, named = (integers(wanted), limit), {shards.mark_name(shard): shard for shard in wanted}
    with conn.pipeline():
        locked = conn.execute(LOCK, places[:1])
        live = conn.execute(LIVE)
        marks = conn.execute(shards.MARKS, (list(named),))
        waiting = conn.execute(history.PENDING, places, binary=True)
        rows = conn.execute(player_states.LOAD_WAITING, places, binary=True)
        held = dict(locked.fetchall())
        if not held:
            return []
        died_with = {named[name]: int(holder or 0) for name, holder in marks}
        entries, loaded = _entries(held, waiting), {row[0]: player_states.Stored(*row) for row in rows}
        newest = live.fetchone()
    assert newest is not None, "the first rulebook comes with the tables"
    rulebook, since = newest
    return [
        Found(Standing(shard, held[shard], rulebook, _rows(mine, loaded), since), mine, died_with.get(shard, 0))
        for shard, mine in entries.items()
    ]


def _entries(held: dict[int, int], waiting: Iterable[Any]) -> dict[int, list[Entry]]:
    """What waits in each shard that is held, from its newest n on."""
    found: dict[int, list[Entry]] = {shard: [] for shard in held}
    for row in waiting:
        mine = found.get(row[-1])
        if mine is not None:
            mine.append(_read(row, held[row[-1]] + len(mine) + 1))
    return found


def _rows(entries: Iterable[Entry], loaded: dict[int, player_states.Stored]) -> dict[int, player_states.Stored]:
    return {entry.player: loaded[entry.player] for entry in entries if entry.player in loaded}


def _read(row: Any, n: int) -> Entry:
    try:
        return entry_of(row, n)
    except (ValueError, AttributeError) as error:  # no JSON, or JSON of another form
        raise UnreadableError(row[0], error) from error


def apply(conn: Connection, found: Sequence[Found]) -> None:
    """Fold the entries and write what follows, for all these shards together; the caller commits."""
    for each in found:
        missing = {entry.player for entry in each.entries} - each.standing.rows.keys()
        if missing:  # more came in between the two statements that read
            each.standing.rows.update(player_states.load(conn, missing))
    folded = fold_entries(conn, [(each.standing, each.entries) for each in found])
    save(conn, [(each.standing, its, each.entries) for each, its in zip(found, folded, strict=True)])
