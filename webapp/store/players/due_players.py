"""When players are next due: how far the look at all of them has come, and what it writes."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from psycopg.types.json import Jsonb

from webapp.store.events import shards
from webapp.store.system.arrays import columns
from webapp.store.system.connection import Connection


@dataclass(slots=True)
class Place:
    """How far the look has come: for which rulebook, in which shard, after which player's number."""

    rulebook: int
    shard: int
    after: int

    @property
    def is_done(self) -> bool:
        """Whether every player was looked at."""
        return self.shard >= len(shards.ALL)

    def next_shard(self) -> "Place":
        """The beginning of the next shard."""
        return Place(self.rulebook, self.shard + 1, 0)


def place(conn: Connection) -> Place:
    """Where the last look ended; before the first one all is done, for the empty rulebook."""
    row = conn.execute("SELECT value FROM setting WHERE key = 'dues'").fetchone()
    return Place(0, len(shards.ALL), 0) if row is None else Place(**row[0])


def keep(conn: Connection, at: Place) -> None:
    """Keep where to go on."""
    conn.execute(
        "INSERT INTO setting (key, value) VALUES ('dues', %s) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        (Jsonb(asdict(at)),),
    )


def states(conn: Connection, shard: int, after: int, limit: int) -> list[Any]:
    """(number, state) of a shard's players that have one, by number; the caller holds the shard's lock."""
    return conn.execute(
        "SELECT number, state FROM player WHERE shard = %s AND number > %s AND state IS NOT NULL"
        " AND erased_at IS NULL ORDER BY number LIMIT %s",
        (shard, after, limit),
        binary=True,
    ).fetchall()


def save(conn: Connection, due: Sequence[tuple[int, int | None]]) -> None:
    """Write when players are next due, in microseconds; the caller holds their shard's lock."""
    if due:
        conn.execute(
            "UPDATE player SET due_at = 'epoch'::timestamptz + t.due * interval '1 microsecond'"
            " FROM unnest(%s::bigint[], %s::bigint[]) AS t (number, due)"
            " WHERE player.number = t.number AND player.due_at IS DISTINCT FROM"
            " 'epoch'::timestamptz + t.due * interval '1 microsecond'",
            tuple(columns(due)),
        )
