"""Metrics: named aggregates over a player's events, in total and by local day.

Numbers are whole millionths, so that sums are exact and do not depend on the order of their parts. A value that is
null, missing or of another type is left out; text is never read as a number. Days are kept in `state.days`; only
distinct values, which cannot be added up, are also counted by week and by month, each with a set of the values seen.
"""

from collections.abc import Callable
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from engine.language.semantics import value_at
from engine.scoring.rulebook.compiled_rules import CompiledMetric
from engine.scoring.state.calendar import month_days, month_of, week_days, week_of
from engine.scoring.state.memory import Player
from engine.scoring.state.player_state import digest
from engine.scoring.state.series import (
    SeriesRetention,
    days_between,
    new_buckets,
    new_days,
    put_bucket,
    put_day,
    read_bucket,
    read_day,
)
from engine.vocabulary.entry import Entry

MICRO = 1_000_000
TEXT_LENGTH_MAX = 1000
SPANS_KEPT = 2  # weeks and months of distinct values: the present one, and the one before for late events
_DAY_ZERO = 1_000_000  # keeps days before 1970 positive, so that names of sets sort as their days do
_ADDITIVE = frozenset({"count", "sum", "distinct"})


def micro(value: float) -> int:
    """A number in millionths, rounded half to even as decimal numbers are."""
    if type(value) is int:
        return value * MICRO
    return int((Decimal(repr(value)) * MICRO).to_integral_value(ROUND_HALF_EVEN))


def contribution(metric: CompiledMetric, entry: Entry) -> Any:
    """What one event adds to a metric; None if its property is missing or of another type."""
    if metric.aggregate == "count":
        return 1
    value = value_at(entry.properties, metric.parts)
    kind = type(value)
    if metric.aggregate == "distinct":
        is_countable = kind in (int, float, bool) or (kind is str and len(value) <= TEXT_LENGTH_MAX)
        return digest(value) if is_countable else None
    if kind is not int and kind is not float:
        return None
    return [entry.occurred_at, micro(value)] if metric.aggregate == "last" else micro(value)


def combine(aggregate: str, old: Any, new: Any) -> Any:
    """Combine two values of one aggregate; `old` was applied before `new`."""
    if old is None:
        return new
    if aggregate in _ADDITIVE:
        return old + new
    if aggregate == "last":
        return new if new[0] >= old[0] else old
    return max(old, new) if aggregate == "max" else min(old, new)


def update(player: Player, metric: CompiledMetric, value: Any, day: int) -> None:
    """Count one contribution in total and on its local day."""
    if metric.aggregate == "distinct":
        _update_distinct(player, metric, value, day)
        return
    totals = player.state.setdefault("total", {})
    totals[metric.key] = combine(metric.aggregate, totals.get(metric.key), value)
    days = _days(player.state, metric.key)
    before = read_day(days, day, metric.retention, player.memory)
    put_day(days, day, combine(metric.aggregate, before, value), metric.retention, player.memory)


def _days(state: dict[str, Any], key: str) -> list[Any]:
    days_by_metric = state.setdefault("days", {})
    days: list[Any] | None = days_by_metric.get(key)
    if days is None:
        days = days_by_metric[key] = new_days()
    return days


def day_set(key: str, day: int) -> str:
    """The name of the set of values seen on one day; names sort as their days do."""
    return f"d:{key}:{day + _DAY_ZERO:07}"


def week_set(key: str, day: int) -> str:
    """The name of the set of values seen in the week that contains a day."""
    return f"w:{key}:{week_of(day)}"


def month_set(key: str, day: int) -> str:
    """The name of the set of values seen in the month that contains a day."""
    return f"n:{key}:{month_of(day)}"


def _update_distinct(player: Player, metric: CompiledMetric, value: bytes, day: int) -> None:
    state, key, memory = player.state, metric.key, player.memory
    if not memory.add(day_set(key, day), value):
        return  # seen on this day, therefore in its week, its month and in total
    days = _days(state, key)
    seen_that_day = read_day(days, day, metric.retention, memory) or 0
    put_day(days, day, seen_that_day + 1, metric.retention, memory)
    if memory.add(week_set(key, day), value):
        _count_in_span(player, "weeks", f"w:{key}", key, week_of(day))
    if memory.add(month_set(key, day), value):
        _count_in_span(player, "months", f"n:{key}", key, month_of(day))
    if memory.add(f"t:{key}", value):
        totals = state.setdefault("total", {})
        totals[key] = totals.get(key, 0) + 1


def _count_in_span(player: Player, section: str, series: str, key: str, period: int) -> None:
    buckets = player.state.setdefault(section, {}).setdefault(key, new_buckets())
    before = read_bucket(buckets, period, series, player.memory) or 0
    put_bucket(buckets, period, before + 1, SeriesRetention(series, SPANS_KEPT), player.memory)


def window_days(day: int, window: str) -> tuple[int, int]:
    """The first and last day of a window around a day: `today`, `this_week`, `this_month`, `last_N_days`."""
    if window == "today":
        return day, day
    if window == "this_week":
        return week_days(day)
    if window == "this_month":
        return month_days(day)
    return day - int(window.split("_")[1]) + 1, day


def value(player: Player, metric: CompiledMetric, window: str, day: int) -> Any:
    """A metric's value in a window around a day, as rules and people read it; None if there is nothing in it."""
    aggregate = metric.aggregate
    if window == "total":
        return as_fact(aggregate, player.state.get("total", {}).get(metric.key))
    if aggregate == "distinct" and window != "today":
        return _distinct_values(player, metric, window, day)
    days = player.state.get("days", {}).get(metric.key)
    if days is None:
        return as_fact(aggregate, None)
    if window == "today":
        return as_fact(aggregate, read_day(days, day, metric.retention, player.memory))
    daily = days_between(days, window_days(day, window), metric.retention, player.memory)
    present = [stored for stored in daily if stored is not None]
    return as_fact(aggregate, _combine_all(aggregate, present))


def _combine_all(aggregate: str, values: list[Any]) -> Any:
    """The same as `combine` over all of them, but without a call for each day of the window."""
    if not values:
        return None
    if aggregate in _ADDITIVE:
        return sum(values)
    if aggregate == "last":
        return max(values, key=_occurred_at)
    return max(values) if aggregate == "max" else min(values)


def _occurred_at(pair: list[Any]) -> Any:
    return pair[0]


def _distinct_values(player: Player, metric: CompiledMetric, window: str, day: int) -> int:
    if window in _COUNTED_SPANS:
        section, prefix, period_of = _COUNTED_SPANS[window]
        buckets = player.state.get(section, {}).get(metric.key)
        return read_bucket(buckets, period_of(day), f"{prefix}:{metric.key}", player.memory) or 0
    # Any other window is the union of the sets of its days.
    first, last = (day_set(metric.key, bound) for bound in window_days(day, window))
    return len({member for name, member in player.memory.keys if first <= name <= last})


_COUNTED_SPANS: dict[str, tuple[str, str, Callable[[int], int]]] = {
    "this_week": ("weeks", "w", week_of),
    "this_month": ("months", "n", month_of),
}


def as_fact(aggregate: str, stored: Any) -> Any:
    """A stored value as a fact: a missing count or sum is 0, anything else that is missing is None."""
    if stored is None:
        return 0 if aggregate in _ADDITIVE else None
    if aggregate in {"count", "distinct"}:
        return stored
    number = stored[1] if aggregate == "last" else stored
    return number // MICRO if number % MICRO == 0 else number / MICRO
