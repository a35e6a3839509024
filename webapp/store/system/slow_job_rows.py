"""Slow jobs: their rows are the truth; what RQ holds only starts a worker."""

from dataclasses import dataclass
from typing import Any

from psycopg.types.json import Jsonb

from webapp.store.system.connection import Connection

LEASE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class SlowJob:
    """One slow job as its worker takes it."""

    id: str
    kind: str
    params: dict[str, Any]
    created_by: str


def start(conn: Connection, kind: str, params: dict[str, Any], by: str) -> str:
    """Insert a job and return its id; queue it after the commit."""
    row = conn.execute(
        "INSERT INTO job (kind, status, params, created_by) VALUES (%s, 'queued', %s, %s) RETURNING id::text",
        (kind, Jsonb(params), by),
    ).fetchone()
    assert row is not None
    return str(row[0])


def take(conn: Connection, job_id: str) -> SlowJob | None:
    """Claim a job for a minute; None while another has it, or once it is over."""
    row = conn.execute(
        "UPDATE job SET status = 'running', lease_until = clock_timestamp() + make_interval(secs => %s)"
        " WHERE id = %s AND (status = 'queued' OR (status = 'running' AND lease_until < clock_timestamp()))"
        " RETURNING id::text, kind, params, created_by",
        (LEASE_SECONDS, job_id),
    ).fetchone()
    return None if row is None else SlowJob(*row)


def progress(conn: Connection, job_id: str, done: int, total: int) -> bool:
    """Renew the lease and save the progress; false once the job was cancelled."""
    row = conn.execute(
        "UPDATE job SET progress = %s, total = %s, lease_until = clock_timestamp() + make_interval(secs => %s)"
        " WHERE id = %s AND status = 'running' RETURNING true",
        (done, total, LEASE_SECONDS, job_id),
    ).fetchone()
    return row is not None


def add_params(conn: Connection, job_id: str, params: dict[str, Any]) -> None:
    """Add parameters that whoever takes up the job again has to know."""
    conn.execute("UPDATE job SET params = params || %s WHERE id = %s", (Jsonb(params), job_id))


def finish(conn: Connection, job_id: str, result: Any) -> None:
    """Mark the job as done."""
    _close(conn, job_id, "done", result, None)


def fail(conn: Connection, job_id: str, detail: str) -> None:
    """Mark the job as failed; it is not tried again."""
    _close(conn, job_id, "failed", None, detail[:2000])


def _close(conn: Connection, job_id: str, status: str, result: Any, detail: str | None) -> None:
    conn.execute(
        "UPDATE job SET status = %s, result = %s, detail = %s, finished_at = clock_timestamp(), lease_until = NULL"
        " WHERE id = %s AND status = 'running'",
        (status, Jsonb(result), detail, job_id),
    )


def take_stale(conn: Connection, limit: int) -> list[str]:
    """Jobs that nobody works on, queued or abandoned for longer than a lease; each is returned once in that time."""
    rows = conn.execute(
        "UPDATE job SET lease_until = CASE WHEN status = 'queued'"
        " THEN clock_timestamp() + make_interval(secs => %s) ELSE lease_until END"
        " WHERE id IN (SELECT id FROM job WHERE status IN ('queued', 'running')"
        " AND coalesce(lease_until, created_at + make_interval(secs => 10)) < clock_timestamp()"
        " ORDER BY created_at LIMIT %s FOR UPDATE SKIP LOCKED) RETURNING id::text",
        (LEASE_SECONDS, limit),
    )
    return [row[0] for row in rows]
