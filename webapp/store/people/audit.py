"""The audit log: who did what to what, old and new; rows are only ever added."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select

from webapp.models import AuditRow
from webapp.store.system.compiled_statements import CompiledStatement, binds
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


# Written beside awards and redemptions.
NOTE = CompiledStatement(insert(AuditRow).values(binds("actor", "action", "subject", "before", "after")))


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
    before, after = (None if side is None else dict(side) for side in (before, after))
    NOTE.run(conn, actor=actor, action=action, subject=subject, before=before, after=after)


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
