"""Slow jobs that a page starts, shows and stops: the newest of a kind about one subject."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from webapp.store.system import slow_job_rows
from webapp.store.system.connection import Connection


@dataclass(frozen=True, slots=True)
class PageJob:
    """A job as its page shows it."""

    id: str
    status: str
    params: dict[str, Any]
    progress: int
    total: int | None
    result: dict[str, Any] | None
    detail: str | None
    created_by: str
    created_at: datetime
    finished_at: datetime | None

    @property
    def is_open(self) -> bool:
        """Whether it has not ended yet."""
        return self.status in {"queued", "running"}

    @property
    def percent(self) -> int:
        """How far it is."""
        return 0 if not self.total else min(100, 100 * self.progress // self.total)


COLUMNS = "id::text, status, params, progress, total, result, detail, created_by, created_at, finished_at"


def start(conn: Connection, kind: str, params: dict[str, Any], by: str) -> str:
    """Insert a job about `params["subject"]` and cancel one that still runs; queue it after the commit."""
    cancel(conn, kind, params["subject"])
    return slow_job_rows.start(conn, kind, params, by)


def newest(conn: Connection, kind: str, subject: str) -> PageJob | None:
    """The newest job of a kind about a subject."""
    row = conn.execute(
        f"SELECT {COLUMNS} FROM job WHERE kind = %s AND params->>'subject' = %s ORDER BY created_at DESC LIMIT 1",
        (kind, subject),
    ).fetchone()
    return None if row is None else PageJob(*row)


def cancel(conn: Connection, kind: str, subject: str) -> bool:
    """Cancel what runs about a subject; it stops when it next reports its progress."""
    row = conn.execute(
        "UPDATE job SET status = 'cancelled', finished_at = clock_timestamp(), lease_until = NULL"
        " WHERE kind = %s AND params->>'subject' = %s AND status IN ('queued', 'running') RETURNING id",
        (kind, subject),
    ).fetchone()
    return row is not None
