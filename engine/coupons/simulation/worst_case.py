"""The same game simulated with many seeds: what to expect at worst."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from engine.coupons.simulation.simulate import Simulation


@dataclass(frozen=True, slots=True)
class WorstCase:
    """The worst results among many runs of one game.

    `empty_at` is the earliest moment (µs) at which nothing was left, None if something was left in every run;
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


def worst_case(runs: Sequence[Simulation]) -> WorstCase:
    """The worst of at least one simulation of the same game, budget and traffic with different seeds."""
    assert runs, "nothing was simulated"
    emptied_at = [run.empty_at for run in runs if run.empty_at is not None]
    left_at_points = list(zip(*(run.burn_down for run in runs), strict=True))
    return WorstCase(
        runs=len(runs),
        empty_at=min(emptied_at, default=None),
        emptied=len(emptied_at),
        furthest=max(run.furthest for run in runs),
        fewest_winners=min(run.winners for run in runs),
        most_winners=max(run.winners for run in runs),
        least=[min(left) for left in left_at_points],
        most=[max(left) for left in left_at_points],
    )
