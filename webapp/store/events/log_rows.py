"""The rows of the log as they are written: numbers, keys, entries with their inbox rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from webapp.store.system.connection import Connection


@dataclass(frozen=True, slots=True)
class Received:
    """A block of log numbers and the moment of receipt by the database's clock."""

    at: datetime
    seqs: list[int]


@dataclass(frozen=True, slots=True)
class Row:
    """One entry on its way in; `occurred_at` is in microseconds, None for the moment of receipt."""

    seq: int
    shard: int
    player: int
    type: str
    event_id: str
    occurred_at: int | None
    payload: bytes
    profile: bytes | None = None


def numbers(conn: Connection, count: int) -> Received:
    """Draw so many numbers, ascending, and look at the database's clock."""
    row = conn.execute(
        "SELECT clock_timestamp(), array(SELECT nextval('entry_seq') FROM generate_series(1, %b::int))",
        (count,),
        binary=True,
    ).fetchone()
    assert row is not None
    return Received(row[0], row[1])


KEYS = """
INSERT INTO event_key (key, content_hash, seq, received_on)
SELECT key, content_hash, seq, (%b::timestamptz AT TIME ZONE 'UTC')::date
FROM unnest(%b::bytea[], %b::bytea[], %b::bigint[]) AS t (key, content_hash, seq)
ON CONFLICT (key) DO NOTHING RETURNING key
"""


def insert_keys(conn: Connection, rows: Sequence[tuple[bytes, bytes, int]], at: datetime) -> set[bytes]:
    """Insert those (key, content hash, seq) whose key is new, and give their keys.

    In the order of the keys, whatever order they come in: two requests with the same ids then wait for each other
    instead of deadlocking. Each waits until the other has committed or failed.
    """
    if not rows:
        return set()
    keys, bodies, seqs = zip(*sorted(rows), strict=True)
    inserted = conn.execute(KEYS, (at, list(keys), list(bodies), list(seqs)), binary=True)
    return {row[0] for row in inserted}


ENTRIES = """
WITH new AS (
  INSERT INTO entry
    (seq, received_on, received_at, shard, player, app_id, type, event_id, occurred_at, payload, profile)
  SELECT seq, (%b::timestamptz AT TIME ZONE 'UTC')::date, %b::timestamptz, shard, player, %b::int, type, event_id,
         coalesce('epoch'::timestamptz + occurred * interval '1 microsecond', %b::timestamptz), payload, profile
  FROM unnest(%b::bigint[], %b::smallint[], %b::bigint[], %b::text[], %b::text[], %b::bigint[], %b::bytea[],
              %b::bytea[])
       AS t (seq, shard, player, type, event_id, occurred, payload, profile)
  RETURNING shard, seq, received_on, received_at, player
)
INSERT INTO inbox (shard, seq, received_on, received_at, player) SELECT * FROM new
"""


def insert_entries(conn: Connection, app_id: int, rows: Sequence[Row], at: datetime) -> None:
    """Write entries and what makes them wait; their players are locked against erasure, or their shard is."""
    columns = (
        [row.seq for row in rows],
        [row.shard for row in rows],
        [row.player for row in rows],
        [row.type for row in rows],
        [row.event_id for row in rows],
        [row.occurred_at for row in rows],
        [row.payload for row in rows],
        [row.profile for row in rows],
    )
    if rows:
        conn.execute(ENTRIES, (at, at, app_id, at, *columns))


def make_players(conn: Connection, ids: Sequence[str], shards: Sequence[int]) -> None:
    """Make these players where they are new; sorted ids, so that two requests cannot deadlock."""
    conn.execute(
        "INSERT INTO player (id, shard) SELECT * FROM unnest(%b::text[], %b::smallint[]) ON CONFLICT (id) DO NOTHING",
        (list(ids), list(shards)),
    )


def lock_players(conn: Connection, ids: Sequence[str]) -> dict[str, int]:
    """The numbers of those that exist, kept from erasure until the transaction ends; drains are not kept waiting."""
    rows = conn.execute("SELECT id, number FROM player WHERE id = ANY(%b) FOR KEY SHARE", (list(ids),), binary=True)
    return {row[0]: row[1] for row in rows}
