"""The same game simulated with many seeds: what to expect at worst."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from engine.coupons.simulation.simulate import Simulation


@dataclass(frozen=True, slots=True)
class Worst:
    """The worst that so many runs of one game came to.

    `empty_at` is the earliest moment (µs) at which nothing was left, None where something was left in every run;
    `emptied` says in how many runs nothing was left. `furthest` is the greatest distance from the straight line as a
    share of the budget. `least` and `most` are the coupons left at the points of the burn-downs.
    """

    runs: int
    empty_at: int | None
    emptied: int
    furthest: float
    fewest_winners: int
    most_winners: int
    least: list[int]
    most: list[int]

    def to_json(self) -> dict[str, Any]:
        """The same as plain JSON values."""
        return {name: getattr(self, name) for name in self.__slots__}


def worst_of(runs: Sequence[Simulation]) -> Worst:
    """The worst of at least one simulation of the same game, budget and traffic with different seeds."""
    assert runs, "nothing was simulated"
    ends = [each.empty_at for each in runs if each.empty_at is not None]
    points = list(zip(*(each.burn_down for each in runs), strict=True))
    return Worst(
        runs=len(runs),
        empty_at=min(ends, default=None),
        emptied=len(ends),
        furthest=max(each.furthest for each in runs),
        fewest_winners=min(each.winners for each in runs),
        most_winners=max(each.winners for each in runs),
        least=[min(each) for each in points],
        most=[max(each) for each in points],
    )
