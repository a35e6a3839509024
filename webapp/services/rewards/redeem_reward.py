"""Redeeming a reward: coins, stock, coupon and the redemption itself change together, or nothing does."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg

from engine.coupons.issue import expires_at
from engine.coupons.reward import OUT_OF_STOCK, RedemptionFacts, RewardRefusal, cost_of, refusal
from engine.documents.document import moment
from engine.vocabulary import entry as kinds
from engine.vocabulary.shard import shard_of
from webapp.services.pipeline.apply_now import Own, UnknownPlayerError, apply_now
from webapp.services.plays import eligibility
from webapp.store.campaigns import coupons, pools, rewards
from webapp.store.campaigns.coupons import Assignment
from webapp.store.campaigns.rewards import Redemption
from webapp.store.events import shards
from webapp.store.players import player_states
from webapp.store.system import deliveries
from webapp.store.system.connection import Connection

COINS = "player.coins"


class RewardNotRedeemed(Exception):  # noqa: N818  (told to whoever asked)
    """Nothing was debited, and why."""

    def __init__(self, no: RewardRefusal) -> None:
        super().__init__(no.detail)
        self.no = no


class RedemptionNotRefundable(Exception):  # noqa: N818  (told to whoever asked)
    """Why a redemption cannot be refunded."""


@dataclass(frozen=True, slots=True)
class RedemptionRequest:
    """Who wants to redeem what, under the id that the app chose."""

    app_id: int
    redemption_id: str
    reward: str
    player: str


def redeem(conn: Connection, wish: RedemptionRequest) -> tuple[Redemption, bool]:
    """Redeem a reward under the player's lock; the caller commits. The first result again where the id is known.

    Gives the redemption and whether it is new. Raises NotRedeemed, after which the caller rolls back,
    `UnknownPlayerError`, and `psycopg.errors.LockNotAvailable` after 2 s.
    """
    shards.lock(conn, shard_of(wish.player))
    known = rewards.redemption_by_id(conn, wish.app_id, wish.redemption_id)
    if known is not None:
        return _same(known, wish), False
    found = rewards.live_reward(conn, wish.reward)
    if found is None:
        raise RewardNotRedeemed(RewardRefusal("not_found", f"there is no live reward {wish.reward}"))
    number = player_states.number_of(conn, wish.player)
    if number is None:
        raise UnknownPlayerError(wish.player)
    version, document = found
    asking = redemption_facts(conn, document, number)
    no = refusal(document, asking)
    if no is not None:
        raise RewardNotRedeemed(no)
    given = _take_coupon(conn, wish, document, number, asking.now)
    return _keep(conn, wish, version, document, (number, asking.coins, given)), True


def redemption_facts(conn: Connection, document: dict[str, Any], number: int) -> RedemptionFacts:
    """What decides whether a player may redeem a reward, as things stand now; its stock is locked."""
    reward = document["key"]
    judged = eligibility.judge_condition(conn, document.get("condition"), [number], [COINS])[number]
    return _asking(judged, rewards.redeemed_counts(conn, number).get(reward, 0), rewards.lock_stock_left(conn, reward))


def reward_refusals(conn: Connection, documents: Sequence[dict[str, Any]], number: int) -> list[RewardRefusal | None]:
    """Why a player may not have each of these rewards now; None where nothing stands against it."""
    conditions = [document.get("condition") for document in documents]
    judged = eligibility.judge_conditions(conn, conditions, [number], [COINS])[number]
    had, left = rewards.redeemed_counts(conn, number), rewards.stock_left(conn)
    return [
        refusal(document, _asking(each, had.get(document["key"], 0), left.get(document["key"])))
        for document, each in zip(documents, judged, strict=True)
    ]


def _asking(judged: eligibility.EligibilityVerdict, redeemed: int, left: int | None) -> RedemptionFacts:
    return RedemptionFacts(judged.now, int(judged.facts[COINS] or 0), judged.holds, redeemed, left)


def _same(known: Redemption, wish: RedemptionRequest) -> Redemption:
    if (known.reward, known.player) != (wish.reward, wish.player):
        raise RewardNotRedeemed(RewardRefusal("conflict", "this redemption_id was used for another player or reward"))
    return known


def _take_coupon(
    conn: Connection, wish: RedemptionRequest, document: dict[str, Any], number: int, now: int
) -> Assignment | None:
    """A coupon of the reward's pool, issued; None where it is fulfilled otherwise."""
    fulfilment = document.get("fulfilment") or {}
    if fulfilment.get("by") != "coupon_pool":
        return None
    pool = pools.lock_shared_pool(conn, fulfilment.get("coupon_pool") or document["key"])
    taken = coupons.lock_available(conn, pool.id, 1) if pool else []
    if pool is None or not taken:
        raise RewardNotRedeemed(RewardRefusal(OUT_OF_STOCK, "no coupon is left for this reward"))
    until = expires_at(now, moment(pool.document.get("expires_at")), pool.document.get("expires_after_days"))
    claim = f"redemption:{wish.app_id}:{wish.redemption_id}"
    given = Assignment(taken[0][0], pool.id, number, claim=claim, expires_at=until)
    coupons.assign(conn, [given])
    return given


def _keep(
    conn: Connection,
    wish: RedemptionRequest,
    version: int,
    document: dict[str, Any],
    had: tuple[int, int, Assignment | None],
) -> Redemption:
    number, coins, given = had
    cost, by = cost_of(document), (document.get("fulfilment") or {}).get("by") or "hand"
    content = {"reward": wish.reward, "version": version, "coins": cost, "redemption": wish.redemption_id}
    own = Own(kinds.REDEMPTION, f"{kinds.REDEMPTION}:{wish.app_id}:{wish.redemption_id}", content)
    row = (wish.app_id, wish.redemption_id, wish.reward, version, number, cost, coins - cost, by)
    status = "fulfilled" if by == "coupon_pool" else "pending"
    try:
        kept = rewards.insert_redemption(conn, (*row, status, given.coupon if given else None))
    except psycopg.errors.UniqueViolation:  # the same id for another player, at the same time
        raise RewardNotRedeemed(
            RewardRefusal("conflict", "this redemption_id is being used for another player")
        ) from None
    outcome = apply_now(conn, wish.player, own)
    assert outcome is not None, "an entry of this redemption stands, but no redemption"
    assert not outcome.not_awarded, "the coins were there under the same lock"
    rewards.change_taken(conn, wish.reward)
    if by == "webhook":
        deliveries.owe(conn, deliveries.MADE, document["fulfilment"]["url"], wish.reward, kept)
    made = rewards.redemption_by_number(conn, kept)
    assert made is not None
    return made


def refund(conn: Connection, number: int, by: str, reason: str) -> Redemption:
    """Give the coins back by a counter-entry, the piece to the stock; an unused coupon is voided. The caller commits.

    Raises NotRefundable where it is refunded already, the coupon was used, or the player is erased.
    """
    known = rewards.redemption_by_number(conn, number)
    if known is None or known.player is None:
        raise RedemptionNotRefundable("there is no such redemption, or its player was erased")
    shards.lock(conn, shard_of(known.player))
    rewards.lock_stock_left(
        conn, known.reward
    )  # before the coupon's pool, as redeeming does: else the two may deadlock
    if known.coupon is not None and not coupons.change_state(conn, [known.coupon], "issued", "voided"):
        raise RedemptionNotRefundable("its coupon was used, or taken back, already")
    if not rewards.close_redemption(conn, number, "refunded", by, reason):
        raise RedemptionNotRefundable("it was refunded already")
    _tell_refund(conn, known)
    content = {"reward": known.reward, "version": known.version, "coins": known.coins, "reason": reason, "by": by}
    apply_now(conn, known.player, Own(kinds.REFUND, f"{kinds.REFUND}:{number}", content))
    rewards.change_taken(conn, known.reward, -1)
    made = rewards.redemption_by_number(conn, number)
    assert made is not None
    return made


def _tell_refund(conn: Connection, known: Redemption) -> None:
    """What was not sent yet is called off; a server that may have heard of the redemption hears of its refund."""
    told = deliveries.of_redemptions(conn, [known.number]).get(known.number)
    if told is not None and deliveries.call_off(conn, known.number):
        deliveries.owe(conn, deliveries.REFUNDED, told.url, told.signer, known.number)
