"""Counters by bucket: the newest are in the state, older ones move to the memory beside it.

There are two forms. *Days* are dense, for counters of most days: `[edge, spilled, first, values]`, `values[i]`
belonging to day `first + i`. *Buckets* are sparse, for the few newest of any number: `[edge, [[bucket, value], …]]`.
In both, everything at or before `edge` is in the memory and nothing after it is; where a value is kept depends only on
the buckets that were written and on how many are kept, never on batches. `spilled` is the newest day that was moved
out.
"""

from bisect import bisect_left
from dataclasses import dataclass
from typing import Any

from engine.scoring.state.memory import Memory

EDGE, SPILLED, FIRST, VALUES = 0, 1, 2, 3


@dataclass(frozen=True, slots=True)
class SeriesRetention:
    """How a series is kept: its name in the memory, how many buckets stay in the state, the value of an empty day."""

    series: str
    keep: int
    empty: int | None = None


def new_days() -> list[Any]:
    """Days without any value."""
    return [None, None, 0, []]


def read_day(days: list[Any], day: int, retention: SeriesRetention, memory: Memory) -> Any:
    """The value of a day; None, or the empty value, if nothing was written."""
    if days[EDGE] is not None and day <= days[EDGE]:
        return memory.past.get((retention.series, day))
    index = day - days[FIRST]
    values = days[VALUES]
    return values[index] if 0 <= index < len(values) else None


def put_day(days: list[Any], day: int, value: Any, retention: SeriesRetention, memory: Memory) -> None:
    """Set the value of a day."""
    edge = days[EDGE]
    if edge is None:
        days[EDGE], days[FIRST] = day - retention.keep, day
    elif day - retention.keep > edge:
        _move_edge(days, day - retention.keep, retention, memory)
    if day <= days[EDGE]:
        memory.put(retention.series, day, value)
        _note_spilled(days, day)
        return
    first, values = days[FIRST], days[VALUES]
    index = day - first
    if index < 0:
        values[:0] = [value, *[retention.empty] * (-index - 1)]
        days[FIRST] = day
    elif index < len(values):
        values[index] = value
    elif values:
        values.extend([retention.empty] * (index - len(values)))
        values.append(value)
    else:
        days[FIRST] = day
        values.append(value)


def _move_edge(days: list[Any], edge: int, retention: SeriesRetention, memory: Memory) -> None:
    first, values = days[FIRST], days[VALUES]
    leaving = max(0, min(len(values), edge - first + 1))
    for index in range(leaving):
        if values[index] != retention.empty:
            memory.put(retention.series, first + index, values[index])
            _note_spilled(days, first + index)
    # Values begin with one that is not empty, however the edge moved: equal contents are equal documents.
    while leaving < len(values) and values[leaving] == retention.empty:
        leaving += 1
    del values[:leaving]
    days[EDGE], days[FIRST] = edge, first + leaving


def _note_spilled(days: list[Any], day: int) -> None:
    days[SPILLED] = day if days[SPILLED] is None else max(days[SPILLED], day)


def days_between(days: list[Any], span: tuple[int, int], retention: SeriesRetention, memory: Memory) -> list[Any]:
    """The values of the days from the first to the last of `span`, both included; empty ones may be left out."""
    first, last = span
    start, spilled = days[FIRST], days[SPILLED]
    values: list[Any] = days[VALUES][max(0, first - start) : max(0, last - start + 1)]
    if spilled is None or first > spilled:
        return values
    past, series = memory.past, retention.series
    older = [past.get((series, day)) for day in range(first, min(last, spilled) + 1)]
    return [*(value for value in older if value is not None), *values]


def days_missing(days: list[Any] | None, first: int, last: int) -> tuple[int, int] | None:
    """The span within `first` to `last` that must be loaded into the memory before it can be read."""
    spilled = days[SPILLED] if days else None
    return None if spilled is None or first > spilled else (first, min(last, spilled))


def new_buckets() -> list[Any]:
    """Buckets without any value."""
    return [None, []]


def read_bucket(buckets: list[Any] | None, bucket: int, series: str, memory: Memory) -> Any:
    """The value of a bucket, None if it has none."""
    if buckets is None:
        return None
    if buckets[0] is not None and bucket <= buckets[0]:
        return memory.past.get((series, bucket))
    # The newest bucket is nearly always the one that is wanted.
    for known, value in reversed(buckets[1]):
        if known == bucket:
            return value
    return None


def put_bucket(buckets: list[Any], bucket: int, value: Any, retention: SeriesRetention, memory: Memory) -> None:
    """Set the value of a bucket; the newest stay in the state."""
    pairs: list[Any] = buckets[1]
    if buckets[0] is not None and bucket <= buckets[0]:
        memory.put(retention.series, bucket, value)
        return
    index = bisect_left(pairs, bucket, key=_bucket)
    if index < len(pairs) and pairs[index][0] == bucket:
        pairs[index][1] = value
    else:
        pairs.insert(index, [bucket, value])
    while len(pairs) > retention.keep:
        oldest, oldest_value = pairs.pop(0)
        memory.put(retention.series, oldest, oldest_value)
        buckets[0] = oldest


def _bucket(pair: list[Any]) -> Any:
    return pair[0]


def is_bucket_missing(buckets: list[Any] | None, bucket: int) -> bool:
    """Whether a bucket must be loaded into the memory before it can be read."""
    return buckets is not None and buckets[0] is not None and bucket <= buckets[0]
