"""Messages to servers outside: queued until they are delivered, given up or cancelled."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, case, exists, func, insert, select, update

from webapp.models import WebhookDeliveryRow
from webapp.store.system.compiled_statements import CompiledStatement, binds
from webapp.store.system.connection import Connection
from webapp.store.system.orm import record_columns, session

CLAIM_SECONDS = 60
MADE, REFUNDED, RELEASED = "redemption.made", "redemption.refunded", "coupon.released"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message: its content or what it is about, its receiver, and how far it is."""

    id: str
    kind: str
    redemption: int | None
    signer: str
    url: str
    content: dict[str, Any]
    status: str
    attempts: int
    next_at: datetime
    answer: str | None
    created_at: datetime
    closed_at: datetime | None


DELIVERY = record_columns(WebhookDeliveryRow, Delivery)
_now = func.clock_timestamp()
_is_waiting = WebhookDeliveryRow.status == "waiting"
_is_due = and_(_is_waiting, WebhookDeliveryRow.next_at <= _now)


# Run where a reward is redeemed.
QUEUE = CompiledStatement(insert(WebhookDeliveryRow).values(binds("kind", "redemption", "signer", "url", "content")))


def queue_message(conn: Connection, kind: str, url: str, signer: str, about: int | dict[str, Any]) -> None:
    """Queue a message about a redemption, or with this content; it is sent after the commit."""
    redemption, content = (about, {}) if isinstance(about, int) else (None, about)
    QUEUE.run(conn, kind=kind, redemption=redemption, signer=signer, url=url, content=content)


def are_due(conn: Connection) -> bool:
    """Whether a message is due."""
    with session(conn) as orm:
        return bool(orm.scalar(select(exists().where(_is_due))))


def trouble_counts(conn: Connection) -> tuple[int, int]:
    """How many messages were given up in the last day, and how many are tried again."""
    a_day_ago = func.now() - timedelta(days=1)
    given_up = and_(WebhookDeliveryRow.status == "failed", WebhookDeliveryRow.closed_at > a_day_ago)
    is_retried = and_(_is_waiting, WebhookDeliveryRow.attempts > 0)
    counts = select(func.count().filter(given_up), func.count().filter(is_retried))
    with session(conn) as orm:
        failed, retried = orm.execute(counts.where(WebhookDeliveryRow.status.in_(("waiting", "failed")))).one()
    return failed, retried


def take_due(conn: Connection, limit: int) -> list[Delivery]:
    """Claim due messages for a minute and count the attempt; nobody else takes them in that time."""
    due = (
        select(WebhookDeliveryRow.id)
        .where(_is_due)
        .order_by(WebhookDeliveryRow.next_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    claimed = (
        update(WebhookDeliveryRow)
        .where(WebhookDeliveryRow.id.in_(due))
        .values(attempts=WebhookDeliveryRow.attempts + 1, next_at=_now + timedelta(seconds=CLAIM_SECONDS))
        .returning(*DELIVERY)
        .execution_options(synchronize_session=False)
    )
    with session(conn) as orm:
        return [Delivery(*row) for row in orm.execute(claimed)]


def close(conn: Connection, delivery: str, status: str, answer: str | None) -> bool:
    """Close a message as delivered, failed or cancelled; false where it no longer waits."""
    closed = (
        update(WebhookDeliveryRow)
        .where(WebhookDeliveryRow.id == delivery, _is_waiting)
        .values(status=status, answer=answer, closed_at=_now)
        .returning(WebhookDeliveryRow.id)
    )
    with session(conn) as orm:
        return orm.scalar(closed) is not None


def retry_later(conn: Connection, delivery: str, seconds: float, answer: str) -> None:
    """Try a message again in so many seconds."""
    postponed = update(WebhookDeliveryRow).where(WebhookDeliveryRow.id == delivery, _is_waiting)
    with session(conn) as orm:
        orm.execute(postponed.values(next_at=_now + timedelta(seconds=seconds), answer=answer))


def cancel(conn: Connection, redemption: int) -> int:
    """Cancel the message about a redemption's making; returns how often it was tried, 0 too where there was none."""
    cancelled = (
        update(WebhookDeliveryRow)
        .where(WebhookDeliveryRow.redemption == redemption, WebhookDeliveryRow.kind == MADE)
        .values(
            status=case((_is_waiting, "cancelled"), else_=WebhookDeliveryRow.status),
            closed_at=func.coalesce(WebhookDeliveryRow.closed_at, _now),
        )
        .returning(WebhookDeliveryRow.attempts)
    )
    with session(conn) as orm:
        return orm.scalar(cancelled) or 0


def restart_messages(conn: Connection, redemption: int) -> bool:
    """Start over with a redemption's messages that wait or have failed; false where there is none."""
    restarted = (
        update(WebhookDeliveryRow)
        .where(WebhookDeliveryRow.redemption == redemption, WebhookDeliveryRow.status.in_(("waiting", "failed")))
        .values(status="waiting", attempts=0, next_at=_now, closed_at=None)
        .returning(WebhookDeliveryRow.id)
    )
    with session(conn) as orm:
        return bool(orm.scalars(restarted).all())


def newest_of_redemptions(conn: Connection, numbers: list[int]) -> dict[int, Delivery]:
    """The newest message of each of these redemptions that has one."""
    messages = select(*DELIVERY).where(WebhookDeliveryRow.redemption.in_(numbers))
    with session(conn) as orm:
        rows = orm.execute(messages.order_by(WebhookDeliveryRow.created_at))
        return {row.redemption: Delivery(*row) for row in rows}
