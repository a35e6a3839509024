"""Messages to servers outside, sent from the slow queue: signed, tried again with growing pauses, at least once.

Every attempt of a message carries the same id, by which a receiver recognises what it has already taken. Its content is
read when it is sent: a message about a redemption that was handed out or refunded meanwhile, or whose player was
erased, is cancelled.
"""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
import structlog

from webapp.channels import signature
from webapp.channels.outgoing import ServerAnswer, ServerUnreachable, post
from webapp.config import Settings
from webapp.queue.poll_loop import PollLoop
from webapp.runtime import clock
from webapp.store.campaigns import rewards
from webapp.store.campaigns.rewards import Redemption
from webapp.store.system import webhook_deliveries
from webapp.store.system.connection import Connection, connect
from webapp.store.system.webhook_deliveries import MADE, REFUNDED, Delivery

log = structlog.get_logger()

ANSWER_SECONDS = 10.0
AT_ONCE = 8
MINUTE, HOUR = 60, 3600
PAUSES = (5, 30, 2 * MINUTE, 10 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR)
"""Seconds before the second attempt, the third and so on: more than three days in all."""

GONE = 410
ACTOR = "webhook"
_encode = msgspec.json.Encoder(order="deterministic").encode


def hint_deliveries(settings: Settings) -> None:
    """Have messages sent soon; while Redis is away the beat sends them."""
    _loop.hint(settings)


def look_after_deliveries(settings: Settings) -> None:
    """What the beat does: hint for messages that are due, and send them where nobody else does."""
    with connect(settings.database_url, autocommit=True) as conn:
        are_due = webhook_deliveries.are_due(conn)
    _loop.look_after(settings, is_waiting=are_due)


def send_due(_lane: int = 0) -> None:
    """What RQ runs: send what is due, for about ten seconds."""
    _loop.run(Settings.from_environment())


def send_some(settings: Settings) -> int:
    """Send up to eight messages at once; returns how many were due."""
    with connect(settings.database_url) as conn:
        due = webhook_deliveries.take_due(conn, AT_ONCE)
        conn.commit()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(lambda delivery: _send(settings, delivery), due))
    return len(due)


_loop = PollLoop("deliveries", "webapp.services.webhooks.send_deliveries.send_due", send_some)


def _send(settings: Settings, delivery: Delivery) -> None:
    with connect(settings.database_url) as conn:
        content = _content(conn, delivery)
        if content is None:
            webhook_deliveries.close(conn, delivery.id, "cancelled", None)
            conn.commit()
            return
    body = _encode({"type": delivery.kind, "timestamp": delivery.created_at, "data": content})
    result: ServerAnswer | ServerUnreachable
    try:
        result = post_signed(settings, delivery.url, delivery.signer, delivery.id, body)
    except ServerUnreachable as error:
        result = error
    with connect(settings.database_url) as conn:
        _save_result(conn, delivery, result)
        conn.commit()


def post_signed(
    settings: Settings, url: str, signer: str, message_id: str, body: bytes, seconds: float = ANSWER_SECONDS
) -> ServerAnswer:
    """Send a body with its signature, now. Raises `ServerUnreachable`."""
    secret = signature.receiver_secret(settings.secret_key, signer)
    signature_headers = signature.signature_headers(secret, message_id, clock.now_micros() // clock.MICROSECONDS, body)
    headers = {**signature_headers, "Content-Type": "application/json"}
    return post(url, body, headers, settings.webhook_networks, seconds)


def _content(conn: Connection, delivery: Delivery) -> dict[str, Any] | None:
    """The content of a message; None where it no longer applies."""
    if delivery.redemption is None:
        return delivery.content
    redemption = rewards.redemption_by_number(conn, delivery.redemption)
    if redemption is None or redemption.player is None:
        return None
    status = {MADE: "pending", REFUNDED: "refunded"}[delivery.kind]
    return redemption_content(redemption) if redemption.status == status else None


def redemption_content(redemption: Redemption) -> dict[str, Any]:
    """A redemption as its receiver gets it."""
    return {
        "redemption_id": redemption.redemption_id,
        "number": redemption.number,
        "reward": redemption.reward,
        "player": redemption.player,
        "cost": {"coins": redemption.coins},
        "redeemed_at": redemption.created_at,
    }


def _save_result(conn: Connection, delivery: Delivery, result: ServerAnswer | ServerUnreachable) -> None:
    """Close a message after an attempt, or put it off until the next; the caller commits."""
    if isinstance(result, ServerAnswer) and result.is_good:
        if webhook_deliveries.close(conn, delivery.id, "delivered", str(result.status)) and delivery.kind == MADE:
            rewards.close_redemption(conn, delivery.redemption or 0, "fulfilled", ACTOR, None)
        return
    is_permanent = result.is_permanent if isinstance(result, ServerUnreachable) else result.status == GONE
    text = str(result) if isinstance(result, ServerUnreachable) else f"the server answered {result.status}"
    if is_permanent or delivery.attempts > len(PAUSES):
        webhook_deliveries.close(conn, delivery.id, "failed", text)
        log.warning("delivery_failed", delivery=delivery.id, kind=delivery.kind, answer=text)
    else:
        webhook_deliveries.retry_later(conn, delivery.id, PAUSES[delivery.attempts - 1], text)
