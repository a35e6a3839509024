"""How far back rules look, and how many days of a metric are therefore kept in the state."""

from collections.abc import Iterable

DAYS_KEPT = 35
# A player's document may have 8 KiB; the days of all metrics together get this much of it.
_BYTES_FOR_DAYS = 3000
_BYTES_PER_DAY = {"count": 3, "distinct": 3, "sum": 9, "max": 9, "min": 9, "last": 28}
_DAYS_OF_WINDOW = {"total": 0, "today": 1, "this_week": 7, "this_month": 31}


def days_kept_in_state(aggregates: Iterable[str]) -> int:
    """How many days of each metric stay in the state: 35, fewer where metrics with these aggregates need too much."""
    bytes_per_day = sum(_BYTES_PER_DAY[aggregate] for aggregate in aggregates)
    return max(1, min(DAYS_KEPT, _BYTES_FOR_DAYS // bytes_per_day)) if bytes_per_day else DAYS_KEPT


def lookback_days(paths: Iterable[str]) -> dict[str, int]:
    """Metric → the longest window, in days, in which one of these facts reads it; 0 where only its total is read."""
    longest: dict[str, int] = {}
    for path in paths:
        head, _, rest = path.partition(".")
        if head != "metric":
            continue
        key, _, window = rest.partition(".")
        days = int(window.split("_")[1]) if window.startswith("last_") else _DAYS_OF_WINDOW.get(window, 0)
        longest[key] = max(longest.get(key, 0), days)
    return longest
