"""What needs attention, as pages show it: parked entries with their events, and rules that failed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.rows import class_row

from webapp.store.events.history import FIELDS
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


@dataclass(frozen=True, slots=True)
class FaultyRule:
    """A rule that failed lately: how often, when last, and its last message."""

    rule: str
    name: str
    status: str
    faults: int
    last_at: datetime
    detail: str


def faulty_rules(conn: Connection, days: int = 7) -> list[FaultyRule]:
    """Rules in use that failed within some days, the latest first."""
    with conn.cursor(row_factory=class_row(FaultyRule)) as cursor:
        return cursor.execute(
            "SELECT f.rule, r.name, r.status, count(*) AS faults, max(f.at) AS last_at,"
            " (array_agg(f.detail ORDER BY f.at DESC))[1] AS detail FROM rule_fault f JOIN rule r ON r.key = f.rule"
            " WHERE f.at > clock_timestamp() - make_interval(days => %s) AND r.status IN ('live', 'paused')"
            " AND f.rule_version = r.live_version GROUP BY 1, 2, 3 ORDER BY last_at DESC",
            (days,),
        ).fetchall()
