"""What apps and operators do with redemptions: each function is one transaction, committed here."""

import asyncio
from collections.abc import MutableMapping, Sequence
from functools import partial
from typing import Any

import psycopg

from webapp.config import Settings
from webapp.http.event_loop.loop_batcher import every, shared_batcher
from webapp.services.pipeline.relay_outbox import try_relay
from webapp.services.rewards.decide_redemption import Redeemed, RedemptionOutcome, RedemptionRequest
from webapp.services.rewards.redeem_reward import redeem
from webapp.services.rewards.refund import refund
from webapp.services.webhooks.send_deliveries import hint_deliveries
from webapp.store.campaigns import rewards
from webapp.store.campaigns.rewards import Redemption
from webapp.store.people import audit
from webapp.store.system import webhook_deliveries
from webapp.store.system.connection import connect
from webapp.store.system.webhook_deliveries import Delivery

WAIT_SECONDS_MAX = 4.0
"""How long a request waits for a shard that others hold again and again."""


async def redeem_reward(
    extensions: MutableMapping[str, Any], settings: Settings, request: RedemptionRequest
) -> Redeemed:
    """Redeem a reward, together with other requests of this moment. Raises like `redeem`; then nothing is debited.

    Whose shard is locked waits in a second queue, so that the others need not. `extensions` keeps both.
    """
    at_once = shared_batcher(extensions, "laurel.redemptions", partial(redeem_rewards, settings))
    outcome = await at_once.submit(request)
    if outcome is None:
        redeem_patiently = partial(redeem_rewards, settings, waits=True)
        patient = shared_batcher(extensions, "laurel.patient_redemptions", redeem_patiently, interval=every(0))
        loop = asyncio.get_running_loop()
        ends_at = loop.time() + WAIT_SECONDS_MAX
        while outcome is None and loop.time() < ends_at:
            outcome = await patient.submit(request)
    if outcome is None:
        raise psycopg.errors.LockNotAvailable("others have locked the player's shard")
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def redeem_rewards(
    settings: Settings, requests: Sequence[RedemptionRequest], *, waits: bool = False
) -> list[RedemptionOutcome]:
    """Redeem rewards together, and send on what follows from it; an outcome for each request. Waits like `redeem`."""
    with connect(settings.database_url) as conn:
        outcomes = redeem(conn, requests, waits=waits)
    made = [outcome.redemption for outcome in outcomes if isinstance(outcome, Redeemed) and outcome.is_new]
    if made:
        try_relay(settings)
    if any(redemption.fulfilment == "webhook" for redemption in made):
        hint_deliveries(settings)
    return outcomes


def refund_redemption(settings: Settings, number: int, by: str, reason: str) -> Redemption:
    """Refund the coins of a redemption. Raises RedemptionNotRefundable."""
    with connect(settings.database_url) as conn:
        redemption = refund(conn, number, by, reason)
        # Without the reason, a text about a person: it is with the redemption, where erasure reaches it.
        audit.note(conn, by, "redemption.refund", f"redemption:{redemption.number}", after={"coins": redemption.coins})
        conn.commit()
    try_relay(settings)
    return redemption


def fulfil_redemption(settings: Settings, number: int, by: str) -> bool:
    """Mark a redemption as fulfilled by hand; False if there is none that waits to be."""
    with connect(settings.database_url) as conn:
        if not rewards.close_redemption(conn, number, "fulfilled", by, None):
            return False
        audit.note(conn, by, "redemption.fulfilled", f"redemption:{number}")
        conn.commit()
    return True


def resend_webhook(settings: Settings, number: int, by: str) -> Delivery | None:
    """Send a redemption's webhook again from the first attempt on; None if it has none that waits or has failed."""
    with connect(settings.database_url) as conn:
        if not webhook_deliveries.restart_messages(conn, number):
            return None
        delivery = webhook_deliveries.newest_of_redemptions(conn, [number]).get(number)
        audit.note(conn, by, "redemption.send_again", f"redemption:{number}")
        conn.commit()
    hint_deliveries(settings)
    return delivery
