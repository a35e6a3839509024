"""The state of a game: the coupons left, the plan for them, and what was counted of the plays so far.

It is the result of folding the game's log, in whole numbers only, so that every machine arrives at the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

BUCKETS_PER_HORIZON = 10
"""Into how many buckets a horizon is divided when arrivals are counted."""

_BUCKETS_KEPT = BUCKETS_PER_HORIZON + 1  # the newest one is still filling


@dataclass(slots=True)
class PacingPlan:
    """How the coupons of one stretch of a game are to be spread: `count` evenly from `starts_at` to `ends_at` (µs).

    `carried` more came due before and are free at once. `claimed` counts the wins of this plan; where unclaimed
    moments lapse, it is the number of moments that are over.
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
        """Count a play at this moment; one from before the oldest bucket is not counted."""
        bucket = at // bucket_length
        if self.since is None:
            self.since, self.newest, self.counts = at, bucket, [0]
        if bucket > self.newest:
            new_buckets = min(bucket - self.newest, _BUCKETS_KEPT)
            self.counts = [*self.counts, *([0] * new_buckets)][-_BUCKETS_KEPT:]
            self.newest = bucket
        index = bucket - self.newest + len(self.counts) - 1
        if index >= 0:
            self.counts[index] += 1

    def measured(self, at: int, bucket_length: int) -> tuple[int, int]:
        """How many plays came lately, and within how many µs: at most eleven buckets, at least one."""
        if self.since is None:
            return 0, bucket_length
        oldest = (self.newest - len(self.counts) + 1) * bucket_length
        return sum(self.counts), max(bucket_length, at - max(oldest, self.since))


@dataclass(slots=True)
class RecentWinners:
    """Winners in the newest slot (or day) and in the one before it, by the slot's ordinal.

    Plays are decided nearly in the order in which they were received: around the end of a slot some plays of the old
    one come after the first of the new one.
    """

    newest: int = 0
    count: int = 0
    before: int = 0

    def count_in(self, ordinal: int) -> int | None:
        """How many won in a slot; None where that is no longer known."""
        if ordinal == self.newest:
            return self.count
        if ordinal > self.newest:
            return 0
        return self.before if ordinal == self.newest - 1 else None

    def add(self, ordinal: int) -> None:
        """Count a winner; one of a slot that is no longer known is not counted."""
        if ordinal > self.newest:
            is_next = ordinal == self.newest + 1
            self.before = self.count if is_next else 0
            self.newest, self.count = ordinal, 0
        if ordinal == self.newest:
            self.count += 1
        elif ordinal == self.newest - 1:
            self.before += 1


@dataclass(slots=True)
class GameState:
    """Everything the next decision of a game depends on.

    `left` holds the coupons of each brand that are still to be given; `slot` and `day` the winners of the newest slots
    and days (of the campaign's zone); `replan_from` the moment (µs) from which another document of the game is in
    force, if no plan has been made for it yet.
    """

    left: dict[str, int]
    plan: PacingPlan
    won: int = 0
    slot: RecentWinners = field(default_factory=RecentWinners)
    day: RecentWinners = field(default_factory=RecentWinners)
    arrivals: Arrivals = field(default_factory=Arrivals)
    replan_from: int | None = None

    @property
    def total_left(self) -> int:
        """The coupons that are still to be given."""
        return sum(self.left.values())

    @classmethod
    def opening(cls, left: Mapping[str, int], starts_at: int, ends_at: int) -> Self:
        """A game that nobody has played yet."""
        return cls(dict(left), PacingPlan(0, starts_at, ends_at, sum(left.values())))

    def to_json(self) -> dict[str, Any]:
        """The state as plain JSON values; stored, so its keys stay as they are."""
        plan, arrivals = self.plan, self.arrivals
        return {
            "left": self.left,
            "plan": [plan.generation, plan.starts_at, plan.ends_at, plan.count, plan.carried, plan.claimed],
            "won": self.won,
            "slot": [self.slot.newest, self.slot.count, self.slot.before],
            "day": [self.day.newest, self.day.count, self.day.before],
            "arrivals": [arrivals.since, arrivals.newest, arrivals.counts],
            "ruled_at": self.replan_from,
        }

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Self:
        """The inverse of `to_json`."""
        since, newest, counts = raw["arrivals"]
        return cls(
            left=dict(raw["left"]),
            plan=PacingPlan(*raw["plan"]),
            won=raw["won"],
            slot=RecentWinners(*raw["slot"]),
            day=RecentWinners(*raw["day"]),
            arrivals=Arrivals(since, newest, list(counts)),
            replan_from=raw["ruled_at"],
        )
