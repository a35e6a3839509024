"""The audit log: who did what to what, old and new; rows are only ever added."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb
from sqlalchemy import select

from webapp.models import AuditRow
from webapp.store.system.connection import Connection
from webapp.store.system.orm import session


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
    # Plain SQL: it is written beside awards and redemptions, where a session would cost ten times as much.
    conn.execute(
        "INSERT INTO audit_entry (actor, action, subject, before, after) VALUES (%s, %s, %s, %s, %s)",
        (actor, action, subject, _json(before), _json(after)),
    )


def _json(value: Mapping[str, Any] | None) -> Jsonb | None:
    return None if value is None else Jsonb(dict(value))


def entries(
    conn: Connection, *, before_id: int | None = None, subject: str | None = None, limit: int = 50
) -> list[AuditEntry]:
    """A page of the log, newest first, with ids below `before_id`."""
    query = select(AuditRow).order_by(AuditRow.id.desc()).limit(limit)
    if before_id is not None:
        query = query.where(AuditRow.id < before_id)
    if subject is not None:
        query = query.where(AuditRow.subject == subject)
    with session(conn) as orm:
        return [
            AuditEntry(row.id, row.at, row.actor, row.action, row.subject, row.before, row.after)
            for row in orm.scalars(query)
        ]
