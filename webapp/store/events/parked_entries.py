"""Parked entries: set aside after three strikes, listed with their events, and queued again when they are replayed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.rows import class_row

from webapp.store.events.applied_entries import FIELDS
from webapp.store.system.connection import Connection


@dataclass(frozen=True, slots=True)
class ParkedEntry:
    """A parked entry, with as much of the event as a page shows."""

    seq: int
    received_on: str
    player: str | None
    type: str
    event_id: str
    app: str
    payload: bytes
    reason: str
    rule: str | None
    detail: str
    parked_at: datetime
    replayed_at: datetime | None
    replay_seq: int | None


PARKED = """
SELECT k.seq, k.received_on::text AS received_on, player.id AS player, e.type, e.event_id, app.key AS app, e.payload,
  k.reason, k.rule, k.detail, k.parked_at, k.replayed_at, k.replay_seq
FROM parked k JOIN entry e ON e.received_on = k.received_on AND e.seq = k.seq
JOIN app ON app.id = e.app_id JOIN player ON player.number = k.player
"""


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


def list_parked(conn: Connection, *, is_settled: bool, limit: int = 500) -> list[ParkedEntry]:
    """Parked entries, the newest first: those that wait, or those that were replayed."""
    with conn.cursor(row_factory=class_row(ParkedEntry)) as cursor:
        return cursor.execute(
            f"{PARKED} WHERE (k.replayed_at IS NOT NULL) = %s ORDER BY k.parked_at DESC, k.seq DESC LIMIT %s",
            (is_settled, limit),
        ).fetchall()


def parked_entry(conn: Connection, seq: int) -> ParkedEntry | None:
    """One parked entry by its number in the log."""
    with conn.cursor(row_factory=class_row(ParkedEntry)) as cursor:
        return cursor.execute(f"{PARKED} WHERE k.seq = %s", (seq,)).fetchone()


def entries_to_replay(conn: Connection, seqs: Sequence[int]) -> list[Sequence[Any]]:
    """The entries of parked ones that wait, in their order: the columns of `history.FIELDS`, then the player's id."""
    return conn.execute(
        f"SELECT {FIELDS}, player.id FROM parked k JOIN entry e ON e.received_on = k.received_on AND e.seq = k.seq"
        " JOIN app a ON a.id = e.app_id JOIN player ON player.number = k.player"
        " WHERE k.seq = ANY(%s) AND k.replayed_at IS NULL ORDER BY k.seq",
        (list(seqs),),
        binary=True,
    ).fetchall()


def replayed_count(conn: Connection) -> int:
    """How many parked entries have been replayed so far."""
    row = conn.execute("SELECT count(*) FROM parked WHERE replayed_at IS NOT NULL").fetchone()
    return 0 if row is None else int(row[0])


def parked_by_day(conn: Connection, days: int = 14) -> list[int]:
    """How many entries were parked on each of the last days, the oldest first, today last."""
    rows = conn.execute(
        "SELECT count(k.seq) FROM generate_series(0, %(last)s) AS back"
        " LEFT JOIN parked k ON (k.parked_at AT TIME ZONE 'UTC')::date"
        " = (clock_timestamp() AT TIME ZONE 'UTC')::date - back GROUP BY back ORDER BY back DESC",
        {"last": days - 1},
    )
    return [int(row[0]) for row in rows]
