"""Redeems a reward: coins, stock, coupon and the redemption itself change together, or nothing does."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg

from engine.coupons.reward import OUT_OF_STOCK, RedemptionFacts, RewardRefusal, cost_of, refusal
from engine.vocabulary import entry as kinds
from engine.vocabulary.shard import shard_of
from webapp.services.pipeline.apply_now import NewSystemEntry, UnknownPlayerError, apply_now
from webapp.services.plays import eligibility
from webapp.store.campaigns import coupons, pools, rewards
from webapp.store.campaigns.coupons import Assignment
from webapp.store.campaigns.rewards import Redemption
from webapp.store.events import shards
from webapp.store.players import player_states
from webapp.store.system import deliveries
from webapp.store.system.connection import Connection

COINS = "player.coins"


class RewardNotRedeemed(Exception):  # noqa: N818  (whoever asked for it is told)
    """Nothing was debited, and why."""

    def __init__(self, no: RewardRefusal) -> None:
        super().__init__(no.detail)
        self.no = no


class RedemptionNotRefundable(Exception):  # noqa: N818  (whoever asked for it is told)
    """Why a redemption cannot be refunded."""


@dataclass(frozen=True, slots=True)
class RedemptionRequest:
    """Who wants to redeem which reward, under the id that the app chose."""

    app_id: int
    redemption_id: str
    reward: str
    player: str


@dataclass(frozen=True, slots=True)
class LiveReward:
    """A reward that is redeemed now, and the player who redeems it."""

    version: int
    document: dict[str, Any]
    player_number: int

    @property
    def fulfilled_by(self) -> str:
        """`coupon_pool`, `webhook` or `hand`."""
        return str((self.document.get("fulfilment") or {}).get("by") or "hand")


def redeem(conn: Connection, request: RedemptionRequest) -> tuple[Redemption, bool]:
    """Redeem a reward under the player's lock; the caller commits. Returns the redemption and whether it is new.

    A known id returns its first result again. Raises `RewardNotRedeemed`, after which the caller rolls back,
    `UnknownPlayerError`, and `psycopg.errors.LockNotAvailable` after 2 s.
    """
    shards.lock(conn, shard_of(request.player))
    known = rewards.redemption_by_id(conn, request.app_id, request.redemption_id)
    if known is not None:
        return _same_redemption(known, request), False
    live = rewards.live_reward(conn, request.reward)
    if live is None:
        raise RewardNotRedeemed(RewardRefusal("not_found", f"there is no live reward {request.reward}"))
    number = player_states.number_of(conn, request.player)
    if number is None:
        raise UnknownPlayerError(request.player)
    reward = LiveReward(*live, number)
    facts = redemption_facts(conn, reward.document, number)
    no = refusal(reward.document, facts)
    if no is not None:
        raise RewardNotRedeemed(no)
    assignment = _issue_coupon(conn, request, reward, facts.now)
    return _save_redemption(conn, request, reward, facts.coins, assignment), True


def redemption_facts(conn: Connection, document: dict[str, Any], number: int) -> RedemptionFacts:
    """What decides whether a player may redeem a reward now; the reward's stock is locked."""
    reward = document["key"]
    verdict = eligibility.judge_condition(conn, document.get("condition"), [number], [COINS])[number]
    return _facts(verdict, rewards.redeemed_counts(conn, number).get(reward, 0), rewards.lock_stock_left(conn, reward))


def reward_refusals(conn: Connection, documents: Sequence[dict[str, Any]], number: int) -> list[RewardRefusal | None]:
    """Why a player may not redeem each of these rewards now; None where nothing is against it."""
    conditions = [document.get("condition") for document in documents]
    verdicts = eligibility.judge_conditions(conn, conditions, [number], [COINS])[number]
    redeemed, left = rewards.redeemed_counts(conn, number), rewards.stock_left(conn)
    return [
        refusal(document, _facts(verdict, redeemed.get(document["key"], 0), left.get(document["key"])))
        for document, verdict in zip(documents, verdicts, strict=True)
    ]


def _facts(verdict: eligibility.EligibilityVerdict, redeemed: int, left: int | None) -> RedemptionFacts:
    return RedemptionFacts(verdict.now, int(verdict.facts[COINS] or 0), verdict.holds, redeemed, left)


def _same_redemption(known: Redemption, request: RedemptionRequest) -> Redemption:
    if (known.reward, known.player) != (request.reward, request.player):
        raise RewardNotRedeemed(RewardRefusal("conflict", "this redemption_id was used for another player or reward"))
    return known


def _issue_coupon(conn: Connection, request: RedemptionRequest, reward: LiveReward, now: int) -> Assignment | None:
    """Issue a coupon of the reward's pool; None where the reward is fulfilled in another way."""
    if reward.fulfilled_by != "coupon_pool":
        return None
    pool_key = reward.document["fulfilment"].get("coupon_pool") or reward.document["key"]
    pool = pools.lock_shared_pool(conn, pool_key)
    available = coupons.lock_available(conn, pool.id, 1) if pool else []
    if pool is None or not available:
        raise RewardNotRedeemed(RewardRefusal(OUT_OF_STOCK, "no coupon is left for this reward"))
    claim = f"redemption:{request.app_id}:{request.redemption_id}"
    assignment = Assignment(
        available[0][0], pool.id, reward.player_number, claim=claim, expires_at=pool.coupon_expiry(now)
    )
    coupons.assign(conn, [assignment])
    return assignment


def _save_redemption(
    conn: Connection, request: RedemptionRequest, reward: LiveReward, coins: int, assignment: Assignment | None
) -> Redemption:
    """Write the redemption, debit the coins by an entry, take from the stock, and owe the webhook if there is one."""
    cost = cost_of(reward.document)
    row = (
        request.app_id,
        request.redemption_id,
        request.reward,
        reward.version,
        reward.player_number,
        cost,
        coins - cost,
        reward.fulfilled_by,
        "fulfilled" if reward.fulfilled_by == "coupon_pool" else "pending",
        assignment.coupon if assignment else None,
    )
    try:
        number = rewards.insert_redemption(conn, row)
    except psycopg.errors.UniqueViolation:  # the same id for another player, at the same time
        raise RewardNotRedeemed(
            RewardRefusal("conflict", "this redemption_id is being used for another player")
        ) from None
    event_id = f"{kinds.REDEMPTION}:{request.app_id}:{request.redemption_id}"
    content = {
        "reward": request.reward,
        "version": reward.version,
        "coins": cost,
        "redemption": request.redemption_id,
    }
    outcome = apply_now(conn, request.player, NewSystemEntry(kinds.REDEMPTION, event_id, content))
    assert outcome is not None, "an entry of this redemption exists, but no redemption"
    assert not outcome.not_awarded, "the coins were there under the same lock"
    rewards.change_taken(conn, request.reward)
    if reward.fulfilled_by == "webhook":
        deliveries.queue_message(conn, deliveries.MADE, reward.document["fulfilment"]["url"], request.reward, number)
    redemption = rewards.redemption_by_number(conn, number)
    assert redemption is not None
    return redemption


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
    rewards.change_taken(conn, redemption.reward, -1)
    refunded = rewards.redemption_by_number(conn, number)
    assert refunded is not None
    return refunded


def _notify_of_refund(conn: Connection, redemption: Redemption) -> None:
    """Call off a webhook that was not sent yet; a server that may have received it hears of the refund."""
    delivery = deliveries.newest_of_redemptions(conn, [redemption.number]).get(redemption.number)
    if delivery is not None and deliveries.cancel(conn, redemption.number):
        deliveries.queue_message(conn, deliveries.REFUNDED, delivery.url, delivery.signer, redemption.number)
