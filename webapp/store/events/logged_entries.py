"""The log as pages list it: entries with their standing and outcome, by filters and page by page."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.rows import class_row

from webapp.store.system.connection import Connection


@dataclass(frozen=True, slots=True)
class LoggedEntry:
    """One entry of the log as a page shows it; `standing` is pending, applied, parked or replayed."""

    seq: int
    received_on: str
    received_at: datetime
    occurred_at: datetime
    type: str
    event_id: str
    app: str
    player: str | None
    payload: bytes
    standing: str
    outcome: bytes | None
    applied_at: datetime | None
    rulebook: int | None


LOGGED = """
SELECT e.seq, e.received_on::text AS received_on, e.received_at, e.occurred_at, e.type, e.event_id, app.key AS app,
  player.id AS player, e.payload,
  CASE WHEN a.seq IS NOT NULL THEN 'applied' WHEN k.seq IS NOT NULL AND k.replay_seq IS NULL THEN 'parked'
    WHEN k.seq IS NOT NULL THEN 'replayed' ELSE 'pending' END AS standing,
  a.outcome, a.applied_at, a.rulebook
FROM entry e JOIN app ON app.id = e.app_id JOIN player ON player.number = e.player
LEFT JOIN applied a ON a.seq = e.seq LEFT JOIN parked k ON k.seq = e.seq
"""
NEWEST = f"""
{LOGGED}
WHERE (%(type)s = '' OR e.type = %(type)s) AND (%(player)s::bigint IS NULL OR e.player = %(player)s)
  AND (%(day)s::date IS NULL OR (e.received_on, e.seq) < (%(day)s::date, %(seq)s::bigint))
  AND (%(internal)s OR app.key <> 'laurel')
ORDER BY e.received_on DESC, e.seq DESC LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class LogFilter:
    """Which entries of the log a list shows; `after` is (day, seq) of the last entry on the page before.

    `with_internal` includes the entries that Laurel itself writes.
    """

    type: str = ""
    player: int | None = None
    after: tuple[str, int] | None = None
    with_internal: bool = False
    limit: int = 50


def logged_entries(conn: Connection, log_filter: LogFilter) -> list[LoggedEntry]:
    """The newest entries that fit, the newest first."""
    day, seq = log_filter.after or (None, None)
    parameters: dict[str, Any] = {
        "type": log_filter.type,
        "player": log_filter.player,
        "day": day,
        "seq": seq,
        "internal": log_filter.with_internal,
        "limit": log_filter.limit,
    }
    with conn.cursor(row_factory=class_row(LoggedEntry)) as cursor:
        return cursor.execute(NEWEST, parameters).fetchall()


def logged_entry(conn: Connection, received_on: str, seq: int) -> LoggedEntry | None:
    """One entry by its place in the log."""
    with conn.cursor(row_factory=class_row(LoggedEntry)) as cursor:
        return cursor.execute(f"{LOGGED} WHERE e.received_on = %s::date AND e.seq = %s", (received_on, seq)).fetchone()
