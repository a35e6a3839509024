"""Messages to servers outside, sent from the slow queue: signed, tried again with growing pauses, at least once.

Every attempt of a message carries the same id, by which a receiver knows what it has already taken. What is sent is
read when it is sent: one about a redemption that was handed out, refunded or whose player is erased is called off.
"""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
import structlog

from webapp.channels import signature
from webapp.channels.outgoing import Answer, Unreachable, post
from webapp.config import Settings
from webapp.queue.poll_loop import PollLoop
from webapp.runtime import clock
from webapp.store.campaigns import rewards
from webapp.store.campaigns.rewards import Redemption
from webapp.store.system import deliveries
from webapp.store.system.connection import Connection, connect
from webapp.store.system.deliveries import MADE, REFUNDED, Delivery

log = structlog.get_logger()

ANSWER_SECONDS = 10.0
AT_ONCE = 8
MINUTE, HOUR = 60, 3600
PAUSES = (5, 30, 2 * MINUTE, 10 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR)
"""Seconds before the second attempt, the third and so on: more than three days in all."""

GONE = 410
BY = "webhook"
_encode = msgspec.json.Encoder(order="deterministic").encode


def hint_deliveries(settings: Settings) -> None:
    """Have messages sent soon; while Redis is away the beat sends them."""
    _loop.hint(settings)


def look_after_deliveries(settings: Settings) -> None:
    """What the beat does: hint for messages that are due, and send them where nobody else does."""
    with connect(settings.database_url, autocommit=True) as conn:
        are_due = deliveries.are_due(conn)
    _loop.look_after(settings, is_waiting=are_due)


def send_due(_lane: int = 0) -> None:
    """What RQ runs: send what is due, for about ten seconds."""
    _loop.run(Settings.from_environment())


def send_some(settings: Settings) -> int:
    """Send up to eight messages at once; gives how many were due."""
    with connect(settings.database_url) as conn:
        due = deliveries.take_due(conn, AT_ONCE)
        conn.commit()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(lambda each: _send(settings, each), due))
    return len(due)


_loop = PollLoop("deliveries", "webapp.services.webhooks.send_deliveries.send_due", send_some)


def _send(settings: Settings, delivery: Delivery) -> None:
    with connect(settings.database_url) as conn:
        data = _data(conn, delivery)
        if data is None:
            deliveries.close(conn, delivery.id, "cancelled", None)
            conn.commit()
            return
    body = _encode({"type": delivery.kind, "timestamp": delivery.created_at, "data": data})
    said: Answer | Unreachable
    try:
        said = post_signed(settings, delivery.url, delivery.signer, delivery.id, body)
    except Unreachable as error:
        said = error
    with connect(settings.database_url) as conn:
        _note(conn, delivery, said)
        conn.commit()


def post_signed(
    settings: Settings, url: str, signer: str, message_id: str, body: bytes, seconds: float = ANSWER_SECONDS
) -> Answer:
    """Send a body with its signature, now. Raises `Unreachable`."""
    secret = signature.secret_of(settings.secret_key, signer)
    signed = signature.headers(secret, message_id, clock.now_micros() // clock.MICROSECONDS, body)
    head = {**signed, "Content-Type": "application/json"}
    return post(url, body, head, settings.webhook_networks, seconds)


def _data(conn: Connection, delivery: Delivery) -> dict[str, Any] | None:
    """What a message tells; None where there is nothing to tell any more."""
    if delivery.redemption is None:
        return delivery.content
    made = rewards.redemption_by_number(conn, delivery.redemption)
    wanted = {MADE: "pending", REFUNDED: "refunded"}[delivery.kind]
    return told(made) if made is not None and made.player is not None and made.status == wanted else None


def told(made: Redemption) -> dict[str, Any]:
    """A redemption as its receiver hears of it."""
    return {
        "redemption_id": made.redemption_id,
        "number": made.number,
        "reward": made.reward,
        "player": made.player,
        "cost": {"coins": made.coins},
        "redeemed_at": made.created_at,
    }


def _note(conn: Connection, delivery: Delivery, said: Answer | Unreachable) -> None:
    """Write down what came of an attempt."""
    if isinstance(said, Answer) and said.is_good:
        if deliveries.close(conn, delivery.id, "delivered", str(said.status)) and delivery.kind == MADE:
            rewards.close_redemption(conn, delivery.redemption or 0, "fulfilled", BY, None)
        return
    is_over = said.is_permanent if isinstance(said, Unreachable) else said.status == GONE
    text = str(said) if isinstance(said, Unreachable) else f"the server answered {said.status}"
    if is_over or delivery.attempts > len(PAUSES):
        deliveries.close(conn, delivery.id, "failed", text)
        log.warning("delivery_failed", delivery=delivery.id, kind=delivery.kind, answer=text)
    else:
        deliveries.retry_later(conn, delivery.id, PAUSES[delivery.attempts - 1], text)
