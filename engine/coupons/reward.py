"""Whether a player may redeem a reward now: the first reason why not, or none."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.documents.document import moment
from engine.vocabulary.moment import rfc3339

INSUFFICIENT_COINS, OUT_OF_STOCK = "insufficient_coins", "out_of_stock"
NOT_ELIGIBLE, LIMIT_REACHED = "not_eligible", "limit_reached"


@dataclass(frozen=True, slots=True)
class Asking:
    """What the answer depends on: the player's coins, whether the condition holds, and what was redeemed before.

    `now` in µs; `redeemed` counts this player's redemptions of the reward that were not refunded, `left` the stock
    (None for no bound).
    """

    now: int
    coins: int
    holds: bool
    redeemed: int
    left: int | None


@dataclass(frozen=True, slots=True)
class No:
    """Why a reward is not given; `missing` coins where that is why."""

    code: str
    detail: str
    missing: int = 0


def cost_of(document: Mapping[str, Any]) -> int:
    """What a reward costs, in coins."""
    return int(document["cost"]["coins"])


def refusal(document: Mapping[str, Any], asking: Asking) -> No | None:
    """The first reason why the player may not redeem the reward; None where nothing stands against it."""
    if unfit := _unfit(document, asking):
        return No(NOT_ELIGIBLE, unfit)
    most = (document.get("limits") or {}).get("per_player")
    if most is not None and asking.redeemed >= most:
        return No(LIMIT_REACHED, f"this player has redeemed it {asking.redeemed} of {most} times")
    if asking.left is not None and asking.left <= 0:
        return No(OUT_OF_STOCK, "nothing is left of this reward")
    missing = cost_of(document) - asking.coins
    if missing > 0:
        return No(INSUFFICIENT_COINS, f"it costs {cost_of(document):,} coins; {missing:,} are missing", missing)
    return None


def _unfit(document: Mapping[str, Any], asking: Asking) -> str:
    starts_at, ends_at = moment(document.get("starts_at")), moment(document.get("ends_at"))
    if starts_at is not None and asking.now < starts_at:
        return f"this reward can be redeemed from {rfc3339(starts_at)} on"
    if ends_at is not None and asking.now >= ends_at:
        return f"this reward could be redeemed until {rfc3339(ends_at)}"
    return "" if asking.holds else "the reward's condition does not hold for this player"
