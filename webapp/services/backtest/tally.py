"""What a backtest counts: players, awards and what they cost, day by day, with a few cases to look at."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.rehearsal.rehearse import HistoricalAward, awards
from engine.vocabulary.entry import Entry
from engine.vocabulary.moment import rfc3339
from engine.vocabulary.outcome import Outcome

CASES_MAX = 10


@dataclass(slots=True)
class AwardTally:
    """The totals of some awards. Players are numbers within one shard, so the counts of several shards add up."""

    players: set[int] = field(default_factory=set)
    sums: Counter[str] = field(default_factory=Counter)
    coupons: Counter[str] = field(default_factory=Counter)
    days: Counter[str] = field(default_factory=Counter)

    def add(self, player: int, grant: Mapping[str, Any], occurred_at: int) -> None:
        """Count one grant, on the UTC day of `occurred_at` (µs)."""
        self.players.add(player)
        self.sums["awards"] += 1
        self.sums["xp"] += grant.get("xp", 0)
        self.sums["coins"] += grant.get("coins", 0)
        self.days[rfc3339(occurred_at)[:10]] += 1
        if "coupon_pool" in grant:
            self.coupons[grant["coupon_pool"]] += 1

    def add_award(self, award: HistoricalAward) -> None:
        """Count one award."""
        self.add(award.entry.player, award.grant, award.entry.occurred_at)

    def to_json(self) -> dict[str, Any]:
        """The counts, without the players' numbers."""
        sums = {name: self.sums[name] for name in ("awards", "xp", "coins")}
        return {"players": len(self.players), **sums, "coupons": dict(self.coupons), "days": dict(self.days)}


def award_of_rule(
    entry: Entry, outcome: Outcome, key: str, once_keys: Sequence[tuple[str, bytes]] = ()
) -> HistoricalAward | None:
    """What one rule gave for an entry, None if nothing. A completed mission counts even if it grants nothing.

    `once_keys` are the once-per keys that this entry added to the player.
    """
    if _was_granted_by(outcome, key):
        return next(award for award in awards(entry, outcome, once_keys) if award.rule == key)
    completion = next((completion for completion in outcome.completions if completion.mission == key), None)
    if completion is None:
        return None
    return HistoricalAward(key, completion.rule_version, entry, {}, None, completion.period, ())


def _was_granted_by(outcome: Outcome, key: str) -> bool:
    """Whether the rule itself gave something. Grants made by hand in its name have no rule version."""
    return (
        any(line.rule == key and line.rule_version is not None for line in outcome.ledger)
        or any(badge.badge == key and badge.rule_version is not None for badge in outcome.badges)
        or any(claim.rule == key for claim in outcome.claims)
    )


def add_up(counts: list[dict[str, Any]]) -> dict[str, Any]:
    """The counts of several shards as one: numbers are added, nested objects member by member."""
    names = dict.fromkeys(name for shard_counts in counts for name in shard_counts)
    return {name: _sum([shard_counts[name] for shard_counts in counts if name in shard_counts]) for name in names}


def _sum(values: list[Any]) -> Any:
    if isinstance(values[0], dict):
        return add_up(values)
    return sum(values)


def newest_cases(cases: Iterator[dict[str, Any]]) -> list[dict[str, Any]]:
    """The ten newest cases, showing as many different players as possible."""
    newest_first = sorted(cases, key=lambda case: (-case["at"], case["seq"]))
    players: set[int] = set()
    one_each, others = list[dict[str, Any]](), list[dict[str, Any]]()
    for case in newest_first:
        (others if case["player"] in players else one_each).append(case)
        players.add(case["player"])
    return [*one_each, *others][:CASES_MAX]
