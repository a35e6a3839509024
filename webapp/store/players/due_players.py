"""When players are next due, that is when time alone changes something; and how far working it out anew has come."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from webapp.store.events import shards
from webapp.store.system import settings
from webapp.store.system.arrays import columns
from webapp.store.system.connection import Connection

PROGRESS = "dues"


class DuePlayer(NamedTuple):
    """A player who is due; `due_at` is in microseconds."""

    number: int
    shard: int
    due_at: int


def due(conn: Connection, limit: int) -> list[DuePlayer]:
    """Players who are due and for whom nothing waits, the longest due first."""
    rows = conn.execute(
        "SELECT number, shard, (extract(epoch FROM due_at) * 1000000)::bigint FROM player"
        " WHERE due_at <= clock_timestamp() AND NOT EXISTS (SELECT FROM inbox WHERE inbox.player = number)"
        " ORDER BY due_at LIMIT %s",
        (limit,),
    )
    return [DuePlayer(*row) for row in rows]


@dataclass(slots=True)
class Progress:
    """How far working out the due times has come: for which rulebook, in which shard, after which player's number."""

    rulebook: int
    shard: int
    after: int

    @property
    def is_done(self) -> bool:
        """Whether every player was looked at."""
        return self.shard >= len(shards.ALL)

    def next_shard(self) -> "Progress":
        """The beginning of the next shard."""
        return Progress(self.rulebook, self.shard + 1, 0)


def progress(conn: Connection) -> Progress:
    """Where to go on; before the first rulebook all is done, for the empty one."""
    saved = settings.read(conn, PROGRESS)
    return Progress(0, len(shards.ALL), 0) if saved is None else Progress(**saved)


def save_progress(conn: Connection, to: Progress) -> None:
    """Write down where to go on."""
    settings.write(conn, PROGRESS, value=asdict(to))


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
