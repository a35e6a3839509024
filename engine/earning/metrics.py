"""Metrics: named aggregates over a player's events, in total and by local day.

Numbers are whole millionths, so that sums are exact and do not depend on the order of their parts. What is
null, missing or of another type is left out; text is never read as a number.
"""

from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from engine.earning.calendar import month_days, week_days
from engine.earning.ruled import Metric
from engine.earning.state import Player, bucket, buckets, digest, put_bucket
from engine.vocabulary.entry import Entry

MICRO = 1_000_000
SUM_MAX = 9_000_000_000_000_000_000
TEXT_MAX = 100


def micro(value: float) -> int:
    """A number in millionths, rounded half to even as decimal numbers are."""
    if isinstance(value, int):
        return value * MICRO
    return int((Decimal(repr(value)) * MICRO).to_integral_value(ROUND_HALF_EVEN))


def part(properties: dict[str, Any], parts: tuple[str, ...]) -> Any:
    """Follow a path into nested properties; None where a step is missing."""
    value: Any = properties
    for step in parts:
        if not isinstance(value, dict):
            return None
        value = value.get(step)
    return value


def contribution(metric: Metric, entry: Entry) -> Any:
    """What one event adds to a metric; None where its property is missing or of another type."""
    if metric.aggregate == "count":
        return 1
    value = part(entry.properties, metric.parts)
    if metric.aggregate in {"last", "distinct"}:
        if not isinstance(value, (str, int, float)) or (isinstance(value, str) and len(value) > TEXT_MAX):
            return None
        return [entry.occurred_at, value] if metric.aggregate == "last" else digest(value)
    return micro(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def combine(aggregate: str, old: Any, new: Any) -> Any:
    """Put two values of one aggregate together; `old` was applied before `new`."""
    if old is None:
        return new
    if aggregate in {"count", "sum", "distinct"}:
        return max(-SUM_MAX, min(SUM_MAX, old + new))
    if aggregate == "last":
        return new if new[0] >= old[0] else old
    return max(old, new) if aggregate == "max" else min(old, new)


def update(player: Player, metric: Metric, value: Any, day: int) -> None:
    """Count one contribution in total and on its local day."""
    key, series = metric.key, f"m:{metric.key}"
    totals = player.state.setdefault("total", {})
    if metric.aggregate == "distinct":
        if player.memory.add(f"d:{key}:{day}", value):
            put_bucket(player, series, day, (bucket(player, series, day) or 0) + 1)
        if player.memory.add(f"t:{key}", value):
            totals[key] = totals.get(key, 0) + 1
        return
    totals[key] = combine(metric.aggregate, totals.get(key), value)
    put_bucket(player, series, day, combine(metric.aggregate, bucket(player, series, day), value))


def window(day: int, name: str) -> tuple[int, int]:
    """The first and last day of a window around a day: `today`, `this_week`, `this_month`, `last_N_days`."""
    if name == "today":
        return day, day
    if name == "this_week":
        return week_days(day)
    if name == "this_month":
        return month_days(day)
    return day - int(name.split("_")[1]) + 1, day


def value(player: Player, metric: Metric, name: str, day: int) -> Any:
    """A metric's value in a window around a day, as rules and people read it; None where nothing is in it."""
    if name == "total":
        return shown(metric.aggregate, player.state.get("total", {}).get(metric.key))
    first, last = window(day, name)
    if first == last:
        return shown(metric.aggregate, bucket(player, f"m:{metric.key}", first))
    if metric.aggregate == "distinct":
        return _distinct(player, metric.key, first, last)
    found = buckets(player, f"m:{metric.key}", first, last)
    if metric.aggregate == "last":
        return shown("last", max(found, key=lambda pair: pair[0], default=None))
    merged = None
    for each in found:
        merged = combine(metric.aggregate, merged, each)
    return shown(metric.aggregate, merged)


def _distinct(player: Player, key: str, first: int, last: int) -> int:
    groups = {f"d:{key}:{day}" for day in range(first, last + 1)}
    return len({each for group, each in player.memory.keys if group in groups})


def shown(aggregate: str, stored: Any) -> Any:
    """A stored value as a fact: counts and sums are 0 where nothing is, the rest is None."""
    if stored is None:
        return 0 if aggregate in {"count", "sum", "distinct"} else None
    if aggregate in {"count", "distinct"}:
        return stored
    if aggregate == "last":
        return stored[1]
    return stored // MICRO if stored % MICRO == 0 else stored / MICRO
