"""Scheduled publications: which version replaces which one, when, and what keeps it from going live."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Executable, Update, func, or_, select, update

from webapp.models import ScheduledPublicationRow
from webapp.store.rules.rule_versions import StoredRule
from webapp.store.system.connection import Connection
from webapp.store.system.orm import record_columns, session

RETRY_AFTER = timedelta(seconds=10)


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


SCHEDULED = record_columns(ScheduledPublicationRow, ScheduledPublication)
_is_waiting = ScheduledPublicationRow.status == "waiting"


def add(conn: Connection, rule: StoredRule, version: int, starts_at: datetime, *, past: str, approved_by: str) -> None:
    """Schedule a version to replace the live one of its rule; one that was scheduled before is dropped."""
    scheduled = ScheduledPublicationRow(
        key=rule.key,
        version=version,
        base_version=rule.live_version,
        starts_at=starts_at,
        past=past,
        approved_by=approved_by,
    )
    with session(conn) as orm:
        orm.execute(_ending("replaced", approved_by).where(ScheduledPublicationRow.key == rule.key, _is_waiting))
        orm.add(scheduled)


def waiting(conn: Connection) -> dict[str, ScheduledPublication]:
    """Every version that waits for its date, by rule key."""
    with session(conn) as orm:
        return {row.key: ScheduledPublication(*row) for row in orm.execute(select(*SCHEDULED).where(_is_waiting))}


def of_rule(conn: Connection, key: str) -> ScheduledPublication | None:
    """The version of one rule that waits for its date; None if none does."""
    return _one(conn, select(*SCHEDULED).where(_is_waiting, ScheduledPublicationRow.key == key))


def locked(conn: Connection, publication_id: int) -> ScheduledPublication | None:
    """Lock a scheduled publication against being published or withdrawn by others; None if it no longer waits."""
    this = select(*SCHEDULED).where(_is_waiting, ScheduledPublicationRow.id == publication_id)
    return _one(conn, this.with_for_update())


def take_due(conn: Connection) -> ScheduledPublication | None:
    """Mark one that is due as tried, and return it: the one tried longest ago, each at most once in ten seconds.

    The caller commits before publishing it, so that one that fails, in whatever way, does not block the others.
    """
    now, tried_at = func.clock_timestamp(), ScheduledPublicationRow.tried_at
    due = (
        select(ScheduledPublicationRow.id)
        .where(_is_waiting, ScheduledPublicationRow.starts_at <= now)
        .where(or_(tried_at.is_(None), tried_at < now - RETRY_AFTER))
        .order_by(tried_at.nulls_first(), ScheduledPublicationRow.starts_at, ScheduledPublicationRow.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    tried = (
        update(ScheduledPublicationRow)
        .where(ScheduledPublicationRow.id == due)
        .values(tried_at=now)
        .returning(*SCHEDULED)
        .execution_options(synchronize_session=False)
    )
    return _one(conn, tried)


def _one(conn: Connection, statement: Executable) -> ScheduledPublication | None:
    with session(conn) as orm:
        row = orm.execute(statement).first()
    return None if row is None else ScheduledPublication(*row)


def hold(conn: Connection, publication_id: int, obstacle: str) -> None:
    """Let it go on waiting, and record why."""
    this = update(ScheduledPublicationRow).where(ScheduledPublicationRow.id == publication_id)
    with session(conn) as orm:
        orm.execute(this.values(obstacle=obstacle))


def end(conn: Connection, publication_id: int, status: str, by: str) -> None:
    """Record that it is `done` or `withdrawn`."""
    with session(conn) as orm:
        orm.execute(_ending(status, by).where(ScheduledPublicationRow.id == publication_id))


def _ending(status: str, by: str) -> Update:
    return update(ScheduledPublicationRow).values(status=status, ended_by=by, ended_at=func.clock_timestamp())
