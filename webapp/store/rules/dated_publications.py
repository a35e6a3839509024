"""Publications with a date: which version takes over from which, when, and what stands in its way."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from webapp.store.system.connection import Connection

TRIED_AGAIN_AFTER = "10 seconds"
COLUMNS = "id, key, version, base_version, starts_at, past, approved_by, approved_at, obstacle"


@dataclass(frozen=True, slots=True)
class ScheduledPublication:
    """A version that waits for its date; `base_version` is the one that is live until then.

    `obstacle` is why it did not go live when it was tried last, None as long as it was not, or may.
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


def add(conn: Connection, key: str, versions: tuple[int, int], starts_at: datetime, told: tuple[str, str]) -> None:
    """Write down that of two versions the second takes over from the first; `told` is the past and who approved it.

    What waited for the rule before is replaced.
    """
    past, by = told
    _end(conn, "replaced", by, "key = %s AND status = 'waiting'", key)
    conn.execute(
        "INSERT INTO scheduled_publication (key, version, base_version, starts_at, past, approved_by)"
        " VALUES (%s, %s, %s, %s, %s, %s)",
        (key, versions[1], versions[0], starts_at, past, by),
    )


def waiting(conn: Connection) -> dict[str, ScheduledPublication]:
    """Everything that waits for its date, by the keys of the rules."""
    rows = conn.execute(f"SELECT {COLUMNS} FROM scheduled_publication WHERE status = 'waiting'")
    return {row[1]: ScheduledPublication(*row) for row in rows}


def of_rule(conn: Connection, key: str) -> ScheduledPublication | None:
    """What waits for its date of one rule."""
    return _one(conn, "key = %s", key)


def locked(conn: Connection, number: int) -> ScheduledPublication | None:
    """A publication that nobody else carries out or withdraws meanwhile; None once it does not wait any more."""
    return _one(conn, "id = %s", number, " FOR UPDATE")


def _one(conn: Connection, where: str, value: Any, ending: str = "") -> ScheduledPublication | None:
    row = conn.execute(
        f"SELECT {COLUMNS} FROM scheduled_publication WHERE status = 'waiting' AND {where}{ending}", (value,)
    ).fetchone()
    return None if row is None else ScheduledPublication(*row)


def take_due(conn: Connection) -> ScheduledPublication | None:
    """Mark one whose date has come as tried; the one that was tried longest ago, each once in ten seconds.

    Committed before it is carried out, so that one that fails, whatever way, does not stand before the others.
    """
    row = conn.execute(
        "UPDATE scheduled_publication SET tried_at = clock_timestamp() WHERE id = ("
        " SELECT id FROM scheduled_publication WHERE status = 'waiting' AND starts_at <= clock_timestamp()"
        f" AND (tried_at IS NULL OR tried_at < clock_timestamp() - interval '{TRIED_AGAIN_AFTER}')"
        " ORDER BY tried_at NULLS FIRST, starts_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)"
        f" RETURNING {COLUMNS}"
    ).fetchone()
    return None if row is None else ScheduledPublication(*row)


def hold(conn: Connection, number: int, obstacle: str) -> None:
    """Let it wait on, and say why."""
    conn.execute("UPDATE scheduled_publication SET obstacle = %s WHERE id = %s", (obstacle, number))


def end(conn: Connection, number: int, status: str, by: str) -> None:
    """It is `done`, or `withdrawn`."""
    _end(conn, status, by, "id = %s", number)


def _end(conn: Connection, status: str, by: str, where: str, value: Any) -> None:
    conn.execute(
        f"UPDATE scheduled_publication SET status = %s, ended_by = %s, ended_at = clock_timestamp() WHERE {where}",
        (status, by, value),
    )
