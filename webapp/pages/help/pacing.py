"""The help page about pacing: the simulator's burn-downs, as a table and as charts."""

from dataclasses import dataclass
from typing import Any

from webapp.pages.charts.small_charts import BurnDownOutline, burn_down_outline
from webapp.pages.help.burn_downs import CHANCE, COUPONS, SECONDS, STRATEGIES, TRAFFIC_KINDS, burn_downs

WIDTH, HEIGHT = 200.0, 72.0
NEAR_SHARE = 0.02
STRATEGY_NAMES = {
    "moments": "Moments",
    "adaptive": "Adaptive",
    "odds": f"Fixed odds, 1 in {CHANCE[1]}",
    "remaining": "Remaining ÷ slots",
}
STRATEGY_TEXTS = {
    "moments": "Winning moments are drawn in advance; the next play after each one wins. Traffic does not matter.",
    "adaptive": "Follows the plan by the measured rate of plays. For games in which no moment may be fixed in advance.",
    "odds": "Every play has the same chance: honest and simple. But the odds are a guess at the traffic, and the budget"
    " follows the crowd.",
    "remaining": "The coupons left divided by the seconds left is the chance of each play. It empties the budget early"
    " as soon as there is more than one play a second. Offered because it is known.",
}


@dataclass(frozen=True, slots=True)
class StrategyUnderTraffic:
    """How one strategy fares under one kind of traffic; `furthest` from the plan in per cent."""

    strategy: str
    name: str
    outline: BurnDownOutline
    mark: str
    verdict: str
    furthest: float


@dataclass(frozen=True, slots=True)
class TrafficComparison:
    """One kind of traffic with every strategy under it."""

    key: str
    name: str
    plays: int
    strategies: tuple[StrategyUnderTraffic, ...]


def comparisons() -> list[TrafficComparison]:
    """Every kind of traffic, in the order of the page."""
    rows = burn_downs()
    return [
        TrafficComparison(
            kind.key,
            kind.name,
            kind.traffic.plays,
            tuple(_under_traffic(rows[kind.key, strategy]) for strategy in STRATEGIES),
        )
        for kind in TRAFFIC_KINDS
    ]


def _under_traffic(row: dict[str, Any]) -> StrategyUnderTraffic:
    mark, verdict = _verdict(row)
    strategy = row["strategy"]
    outline = burn_down_outline(row["burn_down"], COUPONS, width=WIDTH, height=HEIGHT)
    return StrategyUnderTraffic(strategy, STRATEGY_NAMES[strategy], outline, mark, verdict, 100 * row["furthest"])


def _verdict(row: dict[str, Any]) -> tuple[str, str]:
    """(mark, verdict): how it went, for the eye and in words."""
    empty_at = row["empty_at"]
    if row["furthest"] <= NEAR_SHARE:
        return "good", "on plan"
    if empty_at is not None and empty_at < SECONDS * (1 - NEAR_SHARE):
        return "bad", f"empty after {empty_at // 60} min" if empty_at >= 60 else f"empty after {empty_at} s"
    if row["left"] > COUPONS * NEAR_SHARE:
        return "warn", f"{row['left']:,} left over"
    return "warn", "off plan"
