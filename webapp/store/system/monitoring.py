"""What health checks, metrics and the first steps read."""

from typing import Final, LiteralString, NamedTuple

from webapp.store.system.connection import Connection

OLDEST_PENDING = """
    SELECT coalesce(extract(epoch FROM clock_timestamp() - min(entry.received_at)), 0)
    FROM (SELECT received_on, seq FROM inbox ORDER BY seq LIMIT 1) AS oldest
    JOIN entry USING (received_on, seq)"""

GAUGES: Final[dict[str, tuple[str, LiteralString]]] = {
    "laurel_pending_entries": ("Accepted entries waiting to be applied", "SELECT count(*) FROM inbox"),
    "laurel_pending_age_seconds": ("Age of the oldest entry waiting to be applied", OLDEST_PENDING),
    "laurel_outbox_batches": ("Applied batches waiting to be projected", "SELECT count(*) FROM outbox"),
    "laurel_parked_entries": (
        "Entries parked until an operator decides",
        "SELECT count(*) FROM parked WHERE replayed_at IS NULL",
    ),
    "laurel_failing_chores": (
        "Background jobs of the beat that fail at present",
        "SELECT coalesce((SELECT jsonb_array_length(value) FROM setting WHERE key = 'failing_chores'), 0)",
    ),
    "laurel_applied_entries": ("Entries applied since installation", "SELECT coalesce(sum(n), 0) FROM shard"),
    "laurel_players": ("Players ever seen", "SELECT count(*) FROM player"),
}
"""What each gauge shows, and the statement that reads it."""


class GaugeReading(NamedTuple):
    """One gauge as Prometheus gets it."""

    name: str
    description: str
    value: float


def read_gauges(conn: Connection) -> list[GaugeReading]:
    """All gauges, each by a statement of its own."""
    return [GaugeReading(name, text, _number(conn, statement)) for name, (text, statement) in GAUGES.items()]


def _number(conn: Connection, statement: LiteralString) -> float:
    row = conn.execute(statement).fetchone()
    return float(row[0]) if row else 0.0


def check_tables(conn: Connection) -> None:
    """Raise a `psycopg.Error` unless the tables can be read."""
    conn.execute("SELECT 1 FROM shard LIMIT 1")


def is_history_protected(conn: Connection) -> bool:
    """Whether this role can neither change nor delete what is append-only, such as the audit log.

    With a database of one's own that holds only if LAUREL_DATABASE_URL names another role than the tables' owner.
    """
    row = conn.execute("SELECT NOT has_table_privilege('audit_entry', 'UPDATE, DELETE')").fetchone()
    return row is not None and bool(row[0])


def is_beat_leading(conn: Connection) -> bool:
    """Whether a beat holds the lease now."""
    row = conn.execute("SELECT until > clock_timestamp() FROM lease WHERE name = 'beat'").fetchone()
    return row is not None and bool(row[0])


class Beginnings(NamedTuple):
    """What an installation has by now; a colleague is a second operator."""

    has_rules: bool
    has_key: bool
    has_event: bool
    has_colleague: bool


def beginnings(conn: Connection) -> Beginnings:
    """Look what is there."""
    row = conn.execute(
        "SELECT EXISTS (SELECT FROM rule WHERE status = 'live'), EXISTS (SELECT FROM api_key),"
        " EXISTS (SELECT FROM entry e JOIN app a ON a.id = e.app_id WHERE a.key <> 'laurel'),"
        " (SELECT count(*) > 1 FROM operator)"
    ).fetchone()
    assert row is not None
    return Beginnings(*row)
