"""Messages to servers outside: queued until they are delivered, given up or cancelled."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from webapp.store.system.connection import Connection

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


COLUMNS = "id::text, kind, redemption, signer, url, content, status, attempts, next_at, answer, created_at, closed_at"


def queue_message(conn: Connection, kind: str, url: str, signer: str, about: int | dict[str, Any]) -> None:
    """Queue a message about a redemption, or with this content; it is sent after the commit."""
    redemption, content = (about, {}) if isinstance(about, int) else (None, about)
    conn.execute(
        "INSERT INTO webhook_delivery (kind, redemption, signer, url, content) VALUES (%s, %s, %s, %s, %s)",
        (kind, redemption, signer, url, Jsonb(content)),
    )


def are_due(conn: Connection) -> bool:
    """Whether a message is due."""
    row = conn.execute(
        "SELECT EXISTS (SELECT FROM webhook_delivery WHERE status = 'waiting' AND next_at <= clock_timestamp())"
    ).fetchone()
    return bool(row and row[0])


def trouble_counts(conn: Connection) -> tuple[int, int]:
    """How many messages were given up in the last day, and how many are tried again."""
    row = conn.execute(
        "SELECT count(*) FILTER (WHERE status = 'failed' AND closed_at > now() - interval '1 day'),"
        " count(*) FILTER (WHERE status = 'waiting' AND attempts > 0)"
        " FROM webhook_delivery WHERE status IN ('waiting', 'failed')"
    ).fetchone()
    assert row is not None
    return row[0], row[1]


def take_due(conn: Connection, limit: int) -> list[Delivery]:
    """Claim due messages for a minute and count the attempt; nobody else takes them in that time."""
    rows = conn.execute(
        "UPDATE webhook_delivery SET attempts = attempts + 1, next_at = clock_timestamp() + make_interval(secs => %s)"
        " WHERE id IN (SELECT id FROM webhook_delivery WHERE status = 'waiting' AND next_at <= clock_timestamp()"
        f" ORDER BY next_at LIMIT %s FOR UPDATE SKIP LOCKED) RETURNING {COLUMNS}",
        (CLAIM_SECONDS, limit),
    )
    return [Delivery(*row) for row in rows]


def close(conn: Connection, delivery: str, status: str, answer: str | None) -> bool:
    """Close a message as delivered, failed or cancelled; false where it no longer waits."""
    row = conn.execute(
        "UPDATE webhook_delivery SET status = %s, answer = %s, closed_at = clock_timestamp()"
        " WHERE id = %s AND status = 'waiting' RETURNING true",
        (status, answer, delivery),
    ).fetchone()
    return row is not None


def retry_later(conn: Connection, delivery: str, seconds: float, answer: str) -> None:
    """Try a message again in so many seconds."""
    conn.execute(
        "UPDATE webhook_delivery SET next_at = clock_timestamp() + make_interval(secs => %s), answer = %s"
        " WHERE id = %s AND status = 'waiting'",
        (seconds, answer, delivery),
    )


def cancel(conn: Connection, redemption: int) -> int:
    """Cancel the message about a redemption's making; returns how often it was tried, 0 too where there was none."""
    row = conn.execute(
        "UPDATE webhook_delivery SET status = CASE WHEN status = 'waiting' THEN 'cancelled' ELSE status END,"
        " closed_at = coalesce(closed_at, clock_timestamp()) WHERE redemption = %s AND kind = %s RETURNING attempts",
        (redemption, MADE),
    ).fetchone()
    return 0 if row is None else int(row[0])


def restart_messages(conn: Connection, redemption: int) -> bool:
    """Start over with a redemption's messages that wait or have failed; false where there is none."""
    rows = conn.execute(
        "UPDATE webhook_delivery SET status = 'waiting', attempts = 0, next_at = clock_timestamp(), closed_at = NULL"
        " WHERE redemption = %s AND status IN ('waiting', 'failed') RETURNING id",
        (redemption,),
    ).fetchall()
    return bool(rows)


def newest_of_redemptions(conn: Connection, numbers: list[int]) -> dict[int, Delivery]:
    """The newest message of each of these redemptions that has one."""
    rows = conn.execute(
        f"SELECT {COLUMNS} FROM webhook_delivery WHERE redemption = ANY(%s) ORDER BY created_at", (numbers,)
    )
    return {row[2]: Delivery(*row) for row in rows}
