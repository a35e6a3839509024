"""Whether a player may redeem a reward now: the first reason why not, or none."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.vocabulary.moment import micros_of, rfc3339

INSUFFICIENT_COINS, OUT_OF_STOCK = "insufficient_coins", "out_of_stock"
NOT_ELIGIBLE, LIMIT_REACHED = "not_eligible", "limit_reached"


@dataclass(frozen=True, slots=True)
class RedemptionFacts:
    """What the answer depends on: the player's coins, whether the condition holds, and what was redeemed before.

    `now` in µs; `redeemed` counts this player's redemptions of the reward that were not refunded, `left` the stock
    (None if it is unlimited).
    """

    now: int
    coins: int
    holds: bool
    redeemed: int
    left: int | None


@dataclass(frozen=True, slots=True)
class RewardRefusal:
    """Why a reward is not given; `missing` coins where that is why."""

    code: str
    detail: str
    missing: int = 0


def cost_of(document: Mapping[str, Any]) -> int:
    """What a reward costs, in coins."""
    return int(document["cost"]["coins"])


def refusal(document: Mapping[str, Any], facts: RedemptionFacts) -> RewardRefusal | None:
    """The first reason why the player may not redeem the reward; None if there is none."""
    ineligible = _why_not_eligible(document, facts)
    if ineligible:
        return RewardRefusal(NOT_ELIGIBLE, ineligible)
    maximum = (document.get("limits") or {}).get("per_player")
    if maximum is not None and facts.redeemed >= maximum:
        return RewardRefusal(LIMIT_REACHED, f"this player has redeemed it {facts.redeemed} of {maximum} times")
    if facts.left is not None and facts.left <= 0:
        return RewardRefusal(OUT_OF_STOCK, "this reward is out of stock")
    cost = cost_of(document)
    missing = cost - facts.coins
    if missing > 0:
        return RewardRefusal(INSUFFICIENT_COINS, f"it costs {cost:,} coins; {missing:,} are missing", missing)
    return None


def _why_not_eligible(document: Mapping[str, Any], facts: RedemptionFacts) -> str:
    starts_at, ends_at = micros_of(document.get("starts_at")), micros_of(document.get("ends_at"))
    if starts_at is not None and facts.now < starts_at:
        return f"this reward can be redeemed from {rfc3339(starts_at)}"
    if ends_at is not None and facts.now >= ends_at:
        return f"this reward could be redeemed until {rfc3339(ends_at)}"
    return "" if facts.holds else "the reward's condition does not hold for this player"
