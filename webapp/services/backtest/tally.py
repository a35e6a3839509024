"""What a backtest counts: players, awards and what they cost, day by day, with a few cases to look at."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.rehearsal.rehearse import Award
from engine.vocabulary.moment import rfc3339

CASES = 10


@dataclass(slots=True)
class Tally:
    """What some awards come to; players are numbers of one shard, so counts of several shards add up."""

    players: set[int] = field(default_factory=set)
    sums: Counter[str] = field(default_factory=Counter)
    coupons: Counter[str] = field(default_factory=Counter)
    days: Counter[str] = field(default_factory=Counter)

    def add(self, player: int, grant: Mapping[str, Any], occurred_at: int) -> None:
        """Count one award."""
        self.players.add(player)
        self.sums["awards"] += 1
        self.sums["xp"] += grant.get("xp", 0)
        self.sums["coins"] += grant.get("coins", 0)
        self.days[rfc3339(occurred_at)[:10]] += 1
        if "coupon_pool" in grant:
            self.coupons[grant["coupon_pool"]] += 1

    def take(self, award: Award) -> None:
        """Count an award as it was found."""
        self.add(award.entry.player, award.grant, award.entry.occurred_at)

    def to_json(self) -> dict[str, Any]:
        """The counts alone."""
        sums = {name: self.sums[name] for name in ("awards", "xp", "coins")}
        return {"players": len(self.players), **sums, "coupons": dict(self.coupons), "days": dict(self.days)}


def added(found: list[dict[str, Any]]) -> dict[str, Any]:
    """Counts of several shards as one: numbers are added, and so are the numbers in objects."""
    names = dict.fromkeys(name for each in found for name in each)
    return {name: _sum([each[name] for each in found if name in each]) for name in names}


def _sum(values: list[Any]) -> Any:
    if isinstance(values[0], dict):
        return added(values)
    return sum(values)


def newest_cases(found: Iterator[dict[str, Any]]) -> list[dict[str, Any]]:
    """The ten newest cases, of as many players as there are."""
    ordered = sorted(found, key=lambda case: (-case["at"], case["seq"]))
    seen: set[int] = set()
    first = [case for case in ordered if not (case["player"] in seen or seen.add(case["player"]))]  # type: ignore[func-returns-value]
    rest = [case for case in ordered if case not in first]
    return [*first, *rest][:CASES]
