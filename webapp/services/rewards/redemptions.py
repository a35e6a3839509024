"""What apps and operators do with redemptions: each function is one transaction, committed here."""

from webapp.config import Settings
from webapp.services.pipeline.relay import try_relay
from webapp.services.rewards.redeem_reward import RedemptionRequest, redeem, refund
from webapp.services.webhooks.send_deliveries import hint_deliveries
from webapp.store.campaigns import rewards
from webapp.store.campaigns.rewards import Redemption
from webapp.store.people import audit
from webapp.store.system import deliveries
from webapp.store.system.connection import connect
from webapp.store.system.deliveries import Delivery


def redeem_reward(settings: Settings, request: RedemptionRequest) -> tuple[Redemption, bool]:
    """Redeem a reward; return the redemption and whether it is new. Raises like `redeem`; then nothing is debited."""
    with connect(settings.database_url) as conn:
        redemption, is_new = redeem(conn, request)
        conn.commit()
    if is_new:
        try_relay(settings)
        if redemption.fulfilment == "webhook":
            hint_deliveries(settings)
    return redemption, is_new


def refund_redemption(settings: Settings, number: int, by: str, reason: str) -> Redemption:
    """Refund the coins of a redemption. Raises RedemptionNotRefundable."""
    with connect(settings.database_url) as conn:
        redemption = refund(conn, number, by, reason)
        audit.note(conn, by, "redemption.refund", f"redemption:{redemption.number}", after={"reason": reason})
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
        if not deliveries.restart_messages(conn, number):
            return None
        delivery = deliveries.newest_of_redemptions(conn, [number]).get(number)
        audit.note(conn, by, "redemption.send_again", f"redemption:{number}")
        conn.commit()
    hint_deliveries(settings)
    return delivery
