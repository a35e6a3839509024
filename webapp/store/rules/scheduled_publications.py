"""Scheduled publications: which version replaces which one, when, and what keeps it from going live."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from webapp.store.rules.rule_versions import StoredRule
from webapp.store.system.connection import Connection

RETRY_AFTER = "10 seconds"
COLUMNS = "id, key, version, base_version, starts_at, past, approved_by, approved_at, obstacle"


@dataclass(frozen=True, slots=True)
class ScheduledPublication:
    """A version that waits for its date; `base_version` is the one that is live until then.

    `obstacle` is why it did not go live at the last attempt; None before the first one, or if nothing is in the way.
    """

    id: int
    key: str
    version: int
    base_version: int
    starts_at: datetime
    past: str
    approved_by: str
    approved_at: datetime
    obstacle: str | None


def add(conn: Connection, rule: StoredRule, version: int, starts_at: datetime, *, past: str, approved_by: str) -> None:
    """Schedule a version to replace the live one of its rule; one that was scheduled before is dropped."""
    _end(conn, "replaced", approved_by, "key = %s AND status = 'waiting'", rule.key)
    conn.execute(
        "INSERT INTO scheduled_publication (key, version, base_version, starts_at, past, approved_by)"
        " VALUES (%s, %s, %s, %s, %s, %s)",
        (rule.key, version, rule.live_version, starts_at, past, approved_by),
    )


def waiting(conn: Connection) -> dict[str, ScheduledPublication]:
    """Every version that waits for its date, by rule key."""
    rows = conn.execute(f"SELECT {COLUMNS} FROM scheduled_publication WHERE status = 'waiting'")
    return {row[1]: ScheduledPublication(*row) for row in rows}


def of_rule(conn: Connection, key: str) -> ScheduledPublication | None:
    """The version of one rule that waits for its date; None if none does."""
    return _one(conn, "key = %s", key)


def locked(conn: Connection, publication_id: int) -> ScheduledPublication | None:
    """Lock a scheduled publication against being published or withdrawn by others; None if it no longer waits."""
    return _one(conn, "id = %s", publication_id, " FOR UPDATE")


def _one(conn: Connection, where: str, value: Any, ending: str = "") -> ScheduledPublication | None:
    row = conn.execute(
        f"SELECT {COLUMNS} FROM scheduled_publication WHERE status = 'waiting' AND {where}{ending}", (value,)
    ).fetchone()
    return None if row is None else ScheduledPublication(*row)


def take_due(conn: Connection) -> ScheduledPublication | None:
    """Mark one that is due as tried, and return it: the one tried longest ago, each at most once in ten seconds.

    The caller commits before publishing it, so that one that fails, in whatever way, does not block the others.
    """
    row = conn.execute(
        "UPDATE scheduled_publication SET tried_at = clock_timestamp() WHERE id = ("
        " SELECT id FROM scheduled_publication WHERE status = 'waiting' AND starts_at <= clock_timestamp()"
        f" AND (tried_at IS NULL OR tried_at < clock_timestamp() - interval '{RETRY_AFTER}')"
        " ORDER BY tried_at NULLS FIRST, starts_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)"
        f" RETURNING {COLUMNS}"
    ).fetchone()
    return None if row is None else ScheduledPublication(*row)


def hold(conn: Connection, publication_id: int, obstacle: str) -> None:
    """Let it go on waiting, and record why."""
    conn.execute("UPDATE scheduled_publication SET obstacle = %s WHERE id = %s", (obstacle, publication_id))


def end(conn: Connection, publication_id: int, status: str, by: str) -> None:
    """Record that it is `done` or `withdrawn`."""
    _end(conn, status, by, "id = %s", publication_id)


def _end(conn: Connection, status: str, by: str, where: str, value: Any) -> None:
    conn.execute(
        f"UPDATE scheduled_publication SET status = %s, ended_by = %s, ended_at = clock_timestamp() WHERE {where}",
        (status, by, value),
    )
