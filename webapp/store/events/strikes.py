"""Strikes: how often an entry failed while it ran alone; after three it is parked."""

from collections.abc import Sequence

from webapp.store.system.connection import Connection


def start_alone(conn: Connection, shard: int, seq: int) -> int:
    """Mark that an entry is about to run alone and return its strikes; a mark that is left over counts as one more.

    Unless the database was started since: then it was the database that died.
    """
    row = conn.execute(
        "INSERT INTO strike (seq, shard, started_at) VALUES (%s, %s, clock_timestamp())"
        " ON CONFLICT (seq) DO UPDATE SET started_at = clock_timestamp(),"
        " count = strike.count + coalesce(strike.started_at > pg_postmaster_start_time(), false)::int RETURNING count",
        (seq, shard),
    ).fetchone()
    assert row is not None
    return int(row[0])


def count_error(conn: Connection, seq: int, detail: str) -> int:
    """Count an error that the entry itself made while it ran alone."""
    row = conn.execute(
        "UPDATE strike SET count = count + 1, started_at = NULL, detail = %s WHERE seq = %s RETURNING count",
        (detail, seq),
    ).fetchone()
    return 0 if row is None else int(row[0])


def excuse(conn: Connection, seq: int) -> None:
    """Take the mark away without a strike: the database failed, not the entry."""
    conn.execute("UPDATE strike SET started_at = NULL WHERE seq = %s", (seq,))


def forgive(conn: Connection, seqs: Sequence[int]) -> None:
    """Forget the strikes of entries that were applied."""
    conn.execute("DELETE FROM strike WHERE seq = ANY(%s)", (list(seqs),))


def detail_of(conn: Connection, seq: int) -> str:
    """What is known about an entry's last strike."""
    row = conn.execute("SELECT detail FROM strike WHERE seq = %s", (seq,)).fetchone()
    return (row and row[0]) or "the worker died while this entry ran alone"
