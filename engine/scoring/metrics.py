"""Metrics: named aggregates over a player's events, in total and by local day.

Numbers are whole millionths, so that sums are exact and do not depend on the order of their parts. What is null,
missing or of another type is left out; text is never read as a number. Days stand in `state.days`; only distinct
values, which cannot be added up, also count by week and by month, each with a set of what was seen in it.
"""

from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from engine.language.semantics import part
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
SPANS_KEPT = 2
_DAY_ZERO = 1_000_000
_ADDED = frozenset({"count", "sum", "distinct"})


def micro(value: float) -> int:
    """A number in millionths, rounded half to even as decimal numbers are."""
    if type(value) is int:
        return value * MICRO
    return int((Decimal(repr(value)) * MICRO).to_integral_value(ROUND_HALF_EVEN))


def contribution(metric: CompiledMetric, entry: Entry) -> Any:
    """What one event adds to a metric; None where its property is missing or of another type."""
    if metric.aggregate == "count":
        return 1
    value = part(entry.properties, metric.parts)
    kind = type(value)
    if metric.aggregate == "distinct":
        is_plain = kind in (int, float, bool) or (kind is str and len(value) <= TEXT_LENGTH_MAX)
        return digest(value) if is_plain else None
    if kind is not int and kind is not float:
        return None
    return [entry.occurred_at, micro(value)] if metric.aggregate == "last" else micro(value)


def combine(aggregate: str, old: Any, new: Any) -> Any:
    """Put two values of one aggregate together; `old` was applied before `new`."""
    if old is None:
        return new
    if aggregate in _ADDED:
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
    kept = state.setdefault("days", {})
    found: list[Any] | None = kept.get(key)
    if found is None:
        found = kept[key] = new_days()
    return found


def day_set(key: str, day: int) -> str:
    """The name of the set of values seen on one day; names sort as their days do."""
    return f"d:{key}:{day + _DAY_ZERO:07}"


def week_set(key: str, day: int) -> str:
    """The name of the set of values seen in the week around a day."""
    return f"w:{key}:{week_of(day)}"


def month_set(key: str, day: int) -> str:
    """The name of the set of values seen in the month around a day."""
    return f"n:{key}:{month_of(day)}"


def _update_distinct(player: Player, metric: CompiledMetric, value: bytes, day: int) -> None:
    state, key, memory = player.state, metric.key, player.memory
    if not memory.add(day_set(key, day), value):
        return
    days = _days(state, key)
    put_day(days, day, (read_day(days, day, metric.retention, memory) or 0) + 1, metric.retention, memory)
    if memory.add(week_set(key, day), value):
        _count_span(player, "weeks", f"w:{key}", key, week_of(day))
    if memory.add(month_set(key, day), value):
        _count_span(player, "months", f"n:{key}", key, month_of(day))
    if memory.add(f"t:{key}", value):
        totals = state.setdefault("total", {})
        totals[key] = totals.get(key, 0) + 1


def _count_span(player: Player, name: str, series: str, key: str, period: int) -> None:
    kept = player.state.setdefault(name, {}).setdefault(key, new_buckets())
    before = read_bucket(kept, period, series, player.memory) or 0
    put_bucket(kept, period, before + 1, SeriesRetention(series, SPANS_KEPT), player.memory)


def window_days(day: int, name: str) -> tuple[int, int]:
    """The first and last day of a window around a day: `today`, `this_week`, `this_month`, `last_N_days`."""
    if name == "today":
        return day, day
    if name == "this_week":
        return week_days(day)
    if name == "this_month":
        return month_days(day)
    return day - int(name.split("_")[1]) + 1, day


def value(player: Player, metric: CompiledMetric, name: str, day: int) -> Any:
    """A metric's value in a window around a day, as rules and people read it; None where nothing is in it."""
    aggregate = metric.aggregate
    if name == "total":
        return as_fact(aggregate, player.state.get("total", {}).get(metric.key))
    if aggregate == "distinct" and name != "today":
        return _distinct(player, metric, name, day)
    days = player.state.get("days", {}).get(metric.key)
    if days is None:
        return as_fact(aggregate, None)
    if name == "today":
        return as_fact(aggregate, read_day(days, day, metric.retention, player.memory))
    kept = days_between(days, window_days(day, name), metric.retention, player.memory)
    found = [each for each in kept if each is not None]
    return as_fact(aggregate, _merged(aggregate, found))


def _merged(aggregate: str, found: list[Any]) -> Any:
    if not found:
        return None
    if aggregate in _ADDED:
        return sum(found)
    if aggregate == "last":
        return max(found, key=_moment)
    return max(found) if aggregate == "max" else min(found)


def _moment(pair: list[Any]) -> Any:
    return pair[0]


def _distinct(player: Player, metric: CompiledMetric, name: str, day: int) -> int:
    if name in _SPANS:
        kept_in, series, period_of = _SPANS[name]
        kept = player.state.get(kept_in, {}).get(metric.key)
        return read_bucket(kept, period_of(day), f"{series}:{metric.key}", player.memory) or 0
    first, last = (day_set(metric.key, each) for each in window_days(day, name))
    return len({member for group, member in player.memory.keys if first <= group <= last})


_SPANS = {"this_week": ("weeks", "w", week_of), "this_month": ("months", "n", month_of)}


def as_fact(aggregate: str, stored: Any) -> Any:
    """A stored value as a fact: counts and sums are 0 where nothing is, the rest is None."""
    if stored is None:
        return 0 if aggregate in _ADDED else None
    if aggregate in {"count", "distinct"}:
        return stored
    number = stored[1] if aggregate == "last" else stored
    return number // MICRO if number % MICRO == 0 else number / MICRO
