"""What failed: strikes against entries, parking and replaying them, and the faults of rules."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from webapp.store.system.connection import Connection


@dataclass(frozen=True, slots=True)
class Parked:
    """A parked entry; `replay_seq` names the entry that took its place."""

    seq: int
    player: int
    reason: str
    rule: str | None
    detail: str
    parked_at: datetime
    replay_seq: int | None


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


def strike(conn: Connection, seq: int, detail: str) -> int:
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


def park(conn: Connection, shard: int, seq: int, reason: str, detail: str, *, rule: str | None = None) -> None:
    """Move one entry from the inbox to the parked ones; the caller holds its shard's lock.

    `rule` is the one that the entry failed for, where one is to blame.
    """
    conn.execute(
        "WITH gone AS (DELETE FROM inbox WHERE shard = %(shard)s AND seq = %(seq)s"
        " RETURNING seq, received_on, shard, player), struck AS (DELETE FROM strike WHERE seq = %(seq)s)"
        " INSERT INTO parked (seq, received_on, shard, player, reason, rule, detail)"
        " SELECT seq, received_on, shard, player, %(reason)s, %(rule)s, %(detail)s FROM gone",
        {"shard": shard, "seq": seq, "reason": reason, "rule": rule, "detail": detail[:2000]},
    )


REPLAY = """
WITH old AS (
  SELECT e.*, nextval('entry_seq') AS new_seq, clock_timestamp() AS at
  FROM parked p JOIN entry e USING (received_on, seq)
  JOIN player ON player.number = e.player AND player.erased_at IS NULL
  WHERE p.seq = %(seq)s AND p.replayed_at IS NULL FOR KEY SHARE OF player
), copy AS (
  INSERT INTO entry (seq, received_on, received_at, shard, player, app_id, type, event_id, occurred_at, payload,
    profile, replay_of)
  SELECT new_seq, (at AT TIME ZONE 'UTC')::date, at, shard, player, app_id, type, event_id, occurred_at, payload,
    profile, seq
  FROM old RETURNING seq, received_on, received_at, shard, player
), queued AS (
  INSERT INTO inbox (shard, seq, received_on, received_at, player)
  SELECT shard, seq, received_on, received_at, player FROM copy RETURNING shard, seq
)
UPDATE parked SET replayed_at = clock_timestamp(), replay_seq = queued.seq FROM queued WHERE parked.seq = %(seq)s
RETURNING queued.shard
"""


def replay(conn: Connection, seq: int) -> int | None:
    """Queue a parked entry again as a new one; returns its shard to hint, None if it was replayed or erased before."""
    conn.execute("SELECT FROM parked WHERE seq = %s FOR UPDATE", (seq,))
    row = conn.execute(REPLAY, {"seq": seq}).fetchone()
    return None if row is None else int(row[0])


def listed(conn: Connection, limit: int = 100) -> list[Parked]:
    """The newest parked entries, replayed ones included."""
    rows = conn.execute(
        "SELECT seq, player, reason, rule, detail, parked_at, replay_seq FROM parked ORDER BY parked_at DESC LIMIT %s",
        (limit,),
    )
    return [Parked(*row) for row in rows]


def note_faults(conn: Connection, faults: Sequence[tuple[str, int, int, str]]) -> None:
    """Record (rule, version, seq, detail) of rules that failed; their entries stand all the same."""
    with conn.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO rule_fault (rule, rule_version, seq, detail) VALUES (%s, %s, %s, %s)",
            [(rule, version, seq, detail[:2000]) for rule, version, seq, detail in faults],
        )


def failing_rules(conn: Connection, *, faults: int, minutes: int) -> list[tuple[str, int]]:
    """Live rules whose live version failed at least so often in so many minutes: (rule, version)."""
    rows = conn.execute(
        "SELECT f.rule, f.rule_version FROM rule_fault f"
        " JOIN rule r ON r.key = f.rule AND r.live_version = f.rule_version"
        " WHERE r.status = 'live' AND f.at > clock_timestamp() - make_interval(mins => %s)"
        " GROUP BY 1, 2 HAVING count(*) >= %s",
        (minutes, faults),
    )
    return [(row[0], row[1]) for row in rows]
