"""The 64 shards: whoever holds a shard's lock may write there, and counts what it applies."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from engine.vocabulary.shard import SHARDS
from webapp.store.events import applied_entries
from webapp.store.players import player_states
from webapp.store.system.arrays import integers
from webapp.store.system.connection import Connection

ALL = tuple(range(SHARDS))


def of_lane(lane: int, lanes: int) -> list[int]:
    """The shards that one of so many drain workers serves."""
    return [shard for shard in ALL if shard % lanes == lane]


def lock(conn: Connection, shard: int) -> int:
    """Take the shard's lock until the transaction ends and return its newest n.

    Raises `psycopg.errors.LockNotAvailable` when another holds it longer than the session's lock_timeout.
    """
    row = conn.execute("SELECT n FROM shard WHERE number = %s FOR UPDATE", (shard,)).fetchone()
    assert row is not None
    return int(row[0])


def newest_n(conn: Connection, shard: int) -> int:
    """The n of the last entry that a shard applied, 0 before the first; takes no lock."""
    row = conn.execute("SELECT n FROM shard WHERE number = %s", (shard,)).fetchone()
    return int(row[0]) if row else 0


class WaitingRows(NamedTuple):
    """What waits in shards whose locks were taken: newest n by shard, and rows as they come from the database.

    `died_with` is by shard the size of a batch over which a process died, 0 where none did. `entries` are rows of
    `applied_entries.FIELDS` with the shard added, of shards that others hold too; `players` are those of `PlayerRow`.
    """

    last_n: dict[int, int]
    rulebook: int
    rulebook_at: datetime | None
    died_with: dict[int, int]
    entries: Sequence[Sequence[Any]]
    players: Sequence[Sequence[Any]]


LOCK = "SELECT number, n FROM shard WHERE number = ANY(%s::smallint[]) ORDER BY number FOR UPDATE SKIP LOCKED"
# Asked after the locks were taken, so that no batch of a shard uses an older rulebook than the batch before it.
LIVE_RULEBOOK = "SELECT number, created_at FROM rulebook ORDER BY number DESC LIMIT 1"
ATTEMPTS = "SELECT name, holder FROM lease WHERE name = ANY(%s)"


def lock_and_read(
    conn: Connection, shards: Sequence[int], limit: int, passed_over: Collection[int] = ()
) -> WaitingRows:
    """Lock those of these shards that nobody else holds and read up to `limit` entries of each, in one round trip.

    Entries of the players in `passed_over` stay where they are.
    """
    bounds = (integers(shards), integers(passed_over), limit)
    names = {_attempt_name(shard): shard for shard in shards}
    with conn.pipeline():
        locked = conn.execute(LOCK, bounds[:1])
        live = conn.execute(LIVE_RULEBOOK)
        attempts = conn.execute(ATTEMPTS, (list(names),))
        entries = conn.execute(applied_entries.PENDING, bounds, binary=True)
        players = conn.execute(player_states.LOAD_WAITING, bounds, binary=True)
        last_n = dict(locked.fetchall())
        if not last_n:
            return WaitingRows({}, 0, None, {}, (), ())
        newest = live.fetchone()
        assert newest is not None, "the first rulebook comes with the tables"
        died_with = {names[name]: int(count or 0) for name, count in attempts}
        rulebook, rulebook_at = newest
        return WaitingRows(last_n, rulebook, rulebook_at, died_with, entries.fetchall(), players.fetchall())


CLOSE = """
WITH gone AS (DELETE FROM inbox WHERE ctid = ANY(ARRAY(
    SELECT i.ctid FROM unnest(%(entry_shards)s::smallint[], %(seqs)s::bigint[]) AS t (shard, seq)
    CROSS JOIN LATERAL (SELECT ctid FROM inbox WHERE shard = t.shard AND seq = t.seq OFFSET 0) i))),
  told AS (INSERT INTO outbox (shard, payload) SELECT * FROM unnest(%(shards)s::smallint[], %(messages)s::bytea[])),
  unmarked AS (UPDATE lease SET holder = '' WHERE name = ANY(%(attempts)s::text[]))
UPDATE shard SET n = t.n FROM unnest(%(shards)s::smallint[], %(ns)s::bigint[]) AS t (number, n)
WHERE shard.number = t.number
"""
"""One entry after the other is looked up by the inbox's key: what is known of the size of an inbox is soon wrong."""


class ClosedBatch(NamedTuple):
    """The end of a shard's batch: its newest n, the entries that leave the inbox, and the relay's message."""

    shard: int
    n: int
    seqs: Sequence[int]
    message: bytes


def close_batches(conn: Connection, batches: Sequence[ClosedBatch]) -> None:
    """End batches in their own transaction; the caller holds the locks. The marks of the attempts go too."""
    if not batches:
        return
    values = {
        "shards": [batch.shard for batch in batches],
        "ns": [batch.n for batch in batches],
        "messages": [batch.message for batch in batches],
        "attempts": [_attempt_name(batch.shard) for batch in batches],
        "entry_shards": [batch.shard for batch in batches for _ in batch.seqs],
        "seqs": [seq for batch in batches for seq in batch.seqs],
    }
    conn.execute(CLOSE, values)


def waiting(conn: Connection, shards: Sequence[int], *, older_than_seconds: float = 0) -> list[int]:
    """Those of the shards in whose inbox something has waited longer than this, by the database's clock."""
    return [shard for shard, _ in waiting_counts(conn, shards, 1, older_than_seconds=older_than_seconds)]


def waiting_counts(
    conn: Connection, shards: Sequence[int], count_max: int, *, older_than_seconds: float = 0
) -> list[tuple[int, int]]:
    """The same with how many wait in each, counted up to a bound; those whose first entry is the oldest come first."""
    rows = conn.execute(
        "SELECT number, waiting FROM unnest(%s::smallint[]) AS number CROSS JOIN LATERAL"
        " (SELECT count(*) AS waiting, min(received_at) AS since"
        " FROM (SELECT received_at FROM inbox WHERE shard = number ORDER BY seq LIMIT %s) AS first) AS counted"
        " WHERE since <= clock_timestamp() - make_interval(secs => %s) ORDER BY since",
        (list(shards), count_max, older_than_seconds),
    )
    return [(row[0], row[1]) for row in rows]


def mark_attempt(conn: Connection, counts: Mapping[int, int]) -> None:
    """Note, on a connection of its own, that a batch of so many entries of each shard is under way.

    A mark that is left over means that the batch's process died. The caller holds the shards' locks on another
    connection. A crash of the database may lose the mark, so it need not wait for the disk.
    """
    conn.execute(
        "WITH quick AS (SELECT set_config('synchronous_commit', 'off', true))"
        " INSERT INTO lease (name, holder, until) SELECT t.name, t.holder, clock_timestamp()"
        " FROM quick, unnest(%s::text[], %s::text[]) AS t (name, holder)"
        " ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until",
        ([_attempt_name(shard) for shard in counts], [str(count) for count in counts.values()]),
    )


def clear_attempts(conn: Connection, shards: Iterable[int]) -> None:
    """Take the marks away: after an error that was the database's, or before the shards are tried by themselves."""
    conn.execute("UPDATE lease SET holder = '' WHERE name = ANY(%s)", ([_attempt_name(shard) for shard in shards],))


def _attempt_name(shard: int) -> str:
    return f"batch:{shard}"


def take_lease(conn: Connection, name: str, holder: str, seconds: float) -> bool:
    """Take or renew a lease by the database's clock; false while another's runs."""
    row = conn.execute(
        "INSERT INTO lease (name, holder, until) VALUES (%s, %s, clock_timestamp() + make_interval(secs => %s))"
        " ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until"
        " WHERE lease.holder = excluded.holder OR lease.until < clock_timestamp() RETURNING true",
        (name, holder, seconds),
    ).fetchone()
    return row is not None
