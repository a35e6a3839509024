"""The 64 shards: whose lock is held may write, and counts what it applies."""

from collections.abc import Iterable, Mapping, Sequence

from engine.vocabulary.shard import SHARDS
from webapp.store.system.arrays import integers
from webapp.store.system.connection import Connection

ALL = tuple(range(SHARDS))


def lane_of(lane: int, lanes: int) -> list[int]:
    """The shards that one of so many drain workers serves."""
    return [shard for shard in ALL if shard % lanes == lane]


def lock(conn: Connection, shard: int) -> int:
    """Take the shard's lock until the transaction ends and give its newest n.

    Raises `psycopg.errors.LockNotAvailable` when another holds it longer than the session's lock_timeout.
    """
    row = conn.execute("SELECT n FROM shard WHERE number = %s FOR UPDATE", (shard,)).fetchone()
    assert row is not None
    return int(row[0])


CLOSE = """
WITH gone AS (DELETE FROM inbox WHERE shard = %(shard)s AND seq = ANY(%(seqs)s::bigint[])),
  told AS (INSERT INTO outbox (shard, payload) VALUES (%(shard)s, %(word)s)),
  unmarked AS (UPDATE lease SET holder = '' WHERE name = %(mark)s)
UPDATE shard SET n = %(n)s WHERE number = %(shard)s
"""


def newest_n(conn: Connection, shard: int) -> int:
    """The n of the last entry that a shard applied, 0 before the first; takes no lock."""
    row = conn.execute("SELECT n FROM shard WHERE number = %s", (shard,)).fetchone()
    return int(row[0]) if row else 0


def close_batch(conn: Connection, shard: int, n: int, seqs: Iterable[int], word: bytes) -> None:
    """End a batch in its own transaction: the entries leave the inbox, the relay has word, `n` is the newest.

    The caller holds the lock; the note that the batch is under way goes with it.
    """
    told = {"shard": shard, "n": n, "seqs": integers(seqs), "word": word, "mark": mark_name(shard)}
    conn.execute(CLOSE, told)


def waiting(conn: Connection, shards: Sequence[int], *, older_than_seconds: float = 0) -> list[int]:
    """Those of the shards in whose inbox something waits, longer than so many seconds by the database's clock."""
    return [shard for shard, _ in crowds(conn, shards, 1, older_than_seconds=older_than_seconds)]


def crowds(
    conn: Connection, shards: Sequence[int], most: int, *, older_than_seconds: float = 0
) -> list[tuple[int, int]]:
    """The same with how many wait in each, counted up to a bound; those whose first entry is the oldest come first."""
    rows = conn.execute(
        "SELECT number, waiting FROM unnest(%s::smallint[]) AS number CROSS JOIN LATERAL"
        " (SELECT count(*) AS waiting, min(received_at) AS since"
        " FROM (SELECT received_at FROM inbox WHERE shard = number ORDER BY seq LIMIT %s) AS first) AS crowd"
        " WHERE since <= clock_timestamp() - make_interval(secs => %s) ORDER BY since",
        (list(shards), most, older_than_seconds),
    )
    return [(row[0], row[1]) for row in rows]


def mark(conn: Connection, counts: Mapping[int, int]) -> None:
    """Note on a connection of its own that a batch of so many entries of each shard is under way.

    Left standing, the batch died. The caller holds the shards' locks on another connection. A crash of the database
    may lose the note, so it need not wait for the disk.
    """
    conn.execute(
        "WITH quick AS (SELECT set_config('synchronous_commit', 'off', true))"
        " INSERT INTO lease (name, holder, until) SELECT t.name, t.holder, clock_timestamp()"
        " FROM quick, unnest(%s::text[], %s::text[]) AS t (name, holder)"
        " ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until",
        ([mark_name(shard) for shard in counts], [str(count) for count in counts.values()]),
    )


def clear_marks(conn: Connection, shards: Iterable[int]) -> None:
    """Take the notes away: after an error that was the database's, or before the shards are tried by themselves."""
    conn.execute("UPDATE lease SET holder = '' WHERE name = ANY(%s)", ([mark_name(shard) for shard in shards],))


MARKS = "SELECT name, holder FROM lease WHERE name = ANY(%s)"


def mark_name(shard: int) -> str:
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
