"""The audit log: who did what to what, old and new; rows are only ever added."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from webapp.store.system.connection import Connection


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One thing that somebody did."""

    id: int
    at: datetime
    actor: str
    action: str
    subject: str
    before: Any
    after: Any


def note(
    conn: Connection,
    actor: str,
    action: str,
    subject: str,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Add one entry in the caller's transaction, so that what is done and what is noted stand or fall together."""
    conn.execute(
        "INSERT INTO audit_entry (actor, action, subject, before, after) VALUES (%s, %s, %s, %s, %s)",
        (actor, action, subject, _json(before), _json(after)),
    )


def _json(value: Mapping[str, Any] | None) -> Jsonb | None:
    return None if value is None else Jsonb(dict(value))


def entries(
    conn: Connection, *, before_id: int | None = None, subject: str | None = None, limit: int = 50
) -> list[AuditEntry]:
    """A page of the log, the newest first, from below `before_id` on."""
    rows = conn.execute(
        "SELECT id, at, actor, action, subject, before, after FROM audit_entry"
        " WHERE (%(before)s::bigint IS NULL OR id < %(before)s)"
        " AND (%(subject)s::text IS NULL OR subject = %(subject)s)"
        " ORDER BY id DESC LIMIT %(limit)s",
        {"before": before_id, "subject": subject, "limit": limit},
    )
    return [AuditEntry(*row) for row in rows]
