"""How far back rules look, and how many days of a metric therefore stand in the state."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

DAYS_KEPT = 35
_BYTES_FOR_DAYS = 3000
_BYTES_A_DAY = {"count": 3, "distinct": 3, "sum": 9, "max": 9, "min": 9, "last": 28}
_WINDOWS = {"total": 0, "today": 1, "this_week": 7, "this_month": 31}


def days_kept(documents: Sequence[Mapping[str, Any]]) -> int:
    """How many days of each metric stay in the state: 35, fewer where that many metrics would make it too big."""
    a_day = sum(_BYTES_A_DAY[each["aggregate"]] for each in documents if each["kind"] == "metric")
    return max(1, min(DAYS_KEPT, _BYTES_FOR_DAYS // a_day)) if a_day else DAYS_KEPT


def reach_of(paths: Iterable[str]) -> dict[str, int]:
    """Metric → the longest window, in days, in which one of these facts reads it; 0 for its total alone."""
    found: dict[str, int] = {}
    for path in paths:
        head, _, rest = path.partition(".")
        if head == "metric":
            key, _, window = rest.partition(".")
            days = int(window.split("_")[1]) if window.startswith("last_") else _WINDOWS.get(window, 0)
            found[key] = max(found.get(key, 0), days)
    return found
