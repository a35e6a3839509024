"""The fault log: errors of one rule while the other rules of its rulebook went on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from webapp.store.system.connection import Connection


def note_faults(conn: Connection, faults: Sequence[tuple[str, int, int, str]]) -> None:
    """Record (rule, version, seq, detail) of rules that failed; their entries are applied all the same."""
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
