"""How a game stands: the coupons left, the plan for them, and what was counted of the plays so far.

It is what a fold of the game's log comes to, whole numbers only, so that every machine comes to the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

BUCKETS = 10
"""Into how many buckets a horizon is divided when arrivals are counted."""


@dataclass(slots=True)
class Plan:
    """How the coupons of one stretch of a game are to be spread: `count` evenly from `starts_at` to `ends_at` (µs).

    `carried` more came due before and are free at once. `claimed` counts the wins of this plan; where unclaimed
    moments lapse, it is the number of the moments that are over.
    """

    generation: int
    starts_at: int
    ends_at: int
    count: int
    carried: int = 0
    claimed: int = 0

    @property
    def duration(self) -> int:
        """Its length in µs, at least 1."""
        return max(1, self.ends_at - self.starts_at)


@dataclass(slots=True)
class Arrivals:
    """Plays counted in buckets of a tenth of a horizon, the newest eleven; `since` is the first play's moment (µs)."""

    since: int | None = None
    newest: int = 0
    counts: list[int] = field(default_factory=list)

    def add(self, at: int, bucket_length: int) -> None:
        """Count a play at this moment; one that is older than the buckets reach is not counted."""
        bucket = at // bucket_length
        if self.since is None:
            self.since, self.newest, self.counts = at, bucket, [0]
        if bucket > self.newest:
            fresh = min(bucket - self.newest, BUCKETS + 1)
            self.counts = [*self.counts, *([0] * fresh)][-BUCKETS - 1 :]
            self.newest = bucket
        place = bucket - self.newest + len(self.counts) - 1
        if place >= 0:
            self.counts[place] += 1

    def measured(self, at: int, bucket_length: int) -> tuple[int, int]:
        """How many plays came lately, and within how many µs: at most eleven buckets, at least one."""
        if self.since is None:
            return 0, bucket_length
        first = (self.newest - len(self.counts) + 1) * bucket_length
        return sum(self.counts), max(bucket_length, at - max(first, self.since))


@dataclass(slots=True)
class Tally:
    """Winners by the ordinal of their slot, or day: of the newest and of the one before it.

    Plays are decided nearly in the order in which they were received: around the end of a slot some of the old one
    come after the first of the new one.
    """

    newest: int = 0
    count: int = 0
    before: int = 0

    def of(self, ordinal: int) -> int | None:
        """How many won there; None where that is forgotten."""
        if ordinal < self.newest:
            return self.before if ordinal == self.newest - 1 else None
        return self.count if ordinal == self.newest else 0

    def add(self, ordinal: int) -> None:
        """Count a winner; one of an ordinal that is forgotten is not counted."""
        if ordinal > self.newest:
            self.newest, self.count, self.before = ordinal, 0, self.count if ordinal == self.newest + 1 else 0
        if ordinal == self.newest:
            self.count += 1
        elif ordinal == self.newest - 1:
            self.before += 1


@dataclass(slots=True)
class Stand:
    """What the next decision of a game depends on.

    `left` holds the coupons to give of each brand; `slot` and `day` the winners of the newest slots and days (of the
    campaign's zone); `ruled_at` the moment (µs) from which another document of the
    game is in force, for which no plan was made yet.
    """

    left: dict[str, int]
    plan: Plan
    won: int = 0
    slot: Tally = field(default_factory=Tally)
    day: Tally = field(default_factory=Tally)
    arrivals: Arrivals = field(default_factory=Arrivals)
    ruled_at: int | None = None

    @property
    def total_left(self) -> int:
        """The coupons that are still to be given."""
        return sum(self.left.values())

    @classmethod
    def opening(cls, left: Mapping[str, int], starts_at: int, ends_at: int) -> Self:
        """A game that nobody has played yet."""
        return cls(dict(left), Plan(0, starts_at, ends_at, sum(left.values())))

    def to_json(self) -> dict[str, Any]:
        """The stand as plain JSON values."""
        plan, arrivals = self.plan, self.arrivals
        return {
            "left": self.left,
            "plan": [plan.generation, plan.starts_at, plan.ends_at, plan.count, plan.carried, plan.claimed],
            "won": self.won,
            "slot": [self.slot.newest, self.slot.count, self.slot.before],
            "day": [self.day.newest, self.day.count, self.day.before],
            "arrivals": [arrivals.since, arrivals.newest, arrivals.counts],
            "ruled_at": self.ruled_at,
        }

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Self:
        """Read what `to_json` gave."""
        since, newest, counts = raw["arrivals"]
        return cls(
            dict(raw["left"]),
            Plan(*raw["plan"]),
            raw["won"],
            Tally(*raw["slot"]),
            Tally(*raw["day"]),
            Arrivals(since, newest, list(counts)),
            raw["ruled_at"],
        )
