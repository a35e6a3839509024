"""Refunds a redemption: coins, stock and coupon are given back together, or nothing is."""

from engine.vocabulary import entry as kinds
from engine.vocabulary.shard import shard_of
from webapp.services.pipeline.apply_now import NewSystemEntry, apply_now
from webapp.store.campaigns import coupons, rewards
from webapp.store.campaigns.rewards import Redemption
from webapp.store.events import shards
from webapp.store.system import webhook_deliveries
from webapp.store.system.connection import Connection


class RedemptionNotRefundable(Exception):  # noqa: N818  (whoever asked for it is told)
    """Why a redemption cannot be refunded."""


def refund(conn: Connection, number: int, by: str, reason: str) -> Redemption:
    """Return the coins by a counter-entry and the reward to its stock, and void an unused coupon. The caller commits.

    Raises `RedemptionNotRefundable` where it was refunded before, the coupon was used, or the player is erased.
    """
    redemption = rewards.redemption_by_number(conn, number)
    if redemption is None or redemption.player is None:
        raise RedemptionNotRefundable("there is no such redemption, or its player was erased")
    shards.lock(conn, shard_of(redemption.player))
    # Before the coupon's pool, in the same order as redeeming locks them: otherwise the two could deadlock.
    rewards.lock_stock_left(conn, redemption.reward)
    if redemption.coupon is not None and not coupons.change_state(conn, [redemption.coupon], "issued", "voided"):
        raise RedemptionNotRefundable("its coupon was used or voided before")
    if not rewards.close_redemption(conn, number, "refunded", by, reason):
        raise RedemptionNotRefundable("it was refunded before")
    _notify_of_refund(conn, redemption)
    content = {
        "reward": redemption.reward,
        "version": redemption.version,
        "coins": redemption.coins,
        "reason": reason,
        "by": by,
    }
    apply_now(conn, redemption.player, NewSystemEntry(kinds.REFUND, f"{kinds.REFUND}:{number}", content))
    rewards.change_taken(conn, {redemption.reward: -1})
    refunded = rewards.redemption_by_number(conn, number)
    assert refunded is not None
    return refunded


def _notify_of_refund(conn: Connection, redemption: Redemption) -> None:
    """Call off a webhook that was not sent yet; a server that may have received it hears of the refund."""
    delivery = webhook_deliveries.newest_of_redemptions(conn, [redemption.number]).get(redemption.number)
    if delivery is not None and webhook_deliveries.cancel(conn, redemption.number):
        webhook_deliveries.queue_message(
            conn, webhook_deliveries.REFUNDED, delivery.url, delivery.signer, redemption.number
        )
