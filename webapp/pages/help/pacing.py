"""The help page about pacing: what the simulator wrote down, as a table and as pictures."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from webapp.pages.help.burn_downs import CHANCE, COUPONS, SCENES, SECONDS, STRATEGIES, burn_downs

WIDE, HIGH = 200.0, 72.0
NEAR = 0.02
NAMES = {
    "moments": "Moments",
    "adaptive": "Adaptive",
    "odds": f"Fixed odds, 1 in {CHANCE[1]}",
    "remaining": "Remaining ÷ slots",
}
SAYS = {
    "moments": "Winning moments are drawn in advance; the next play after each one wins. Traffic does not matter.",
    "adaptive": "Follows the plan by the measured rate of plays. For games where no moment may stand beforehand.",
    "odds": "Every play has the same chance: honest and simple. But the odds are a guess at the traffic, and the budget"
    " follows the crowd.",
    "remaining": "The coupons left by the seconds left, as the chance of each play. It empties the budget early as soon"
    " as there is more than one play a second. Offered because people know it.",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """One strategy under one kind of traffic."""

    strategy: str
    name: str
    line: str
    mark: str
    verdict: str
    furthest: float


@dataclass(frozen=True, slots=True)
class Scenery:
    """One kind of traffic with every strategy under it."""

    key: str
    name: str
    plays: int
    shown: tuple[Shown, ...]


def sceneries() -> list[Scenery]:
    """Everything that the page shows."""
    found = burn_downs()
    return [
        Scenery(
            scene.key, scene.name, scene.traffic.plays, tuple(_shown(found[scene.key, each]) for each in STRATEGIES)
        )
        for scene in SCENES
    ]


def _shown(row: dict[str, Any]) -> Shown:
    mark, verdict = _verdict(row)
    strategy = row["strategy"]
    return Shown(strategy, NAMES[strategy], _line(row["burn_down"]), mark, verdict, 100 * row["furthest"])


def _verdict(row: dict[str, Any]) -> tuple[str, str]:
    """How it went, in a word for the eye and in words."""
    empty_at = row["empty_at"]
    if row["furthest"] <= NEAR:
        return "good", "holds the plan"
    if empty_at is not None and empty_at < SECONDS * (1 - NEAR):
        return "bad", f"empty after {empty_at // 60} min" if empty_at >= 60 else f"empty after {empty_at} s"
    if row["left"] > COUPONS * NEAR:
        return "warn", f"{row['left']:,} left over"
    return "warn", "strays from the plan"


def _line(counts: Sequence[int]) -> str:
    """The burn-down as points; equal neighbours are left out."""
    last = len(counts) - 1
    kept = [
        place
        for place, count in enumerate(counts)
        if place in {0, last} or not counts[place - 1] == count == counts[place + 1]
    ]
    return " ".join(f"{WIDE * place / last:.1f},{HIGH * (1 - counts[place] / COUPONS):.1f}" for place in kept)
