"""The demo's events: real submissions, moved by whole weeks so that their last busy week is the present one."""

import gzip
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

FILE = Path(__file__).parent / "data" / "oulad_2013J.jsonl.gz"
BUSY_SHARE = 0.25
WEEK = timedelta(days=7)
PLAYED_SECONDS = 3600.0
PAUSE_MIN, PAUSE_MAX = 2.0, 20.0
UNEVEN = 3.0


@dataclass(frozen=True, slots=True)
class Submission:
    """One event of the demo at its moved moment."""

    id: str
    type: str
    player: str
    occurred_at: datetime
    properties: dict[str, Any]


def submissions(weeks: int = 0) -> Iterator[Submission]:
    """All events in the order in which they happened, moved by a number of weeks."""
    with gzip.open(FILE, "rt", encoding="utf-8") as lines:
        for line in lines:
            raw = json.loads(line)
            moment = datetime.fromisoformat(raw["occurred_at"]) + weeks * WEEK
            yield Submission(raw["id"], raw["type"], raw["player"], moment, raw["properties"])


def weeks_to(now: datetime) -> int:
    """By how many weeks the events must move so that the last busy week contains `now`."""
    last = last_busy_week([submission.occurred_at for submission in submissions()])
    return (now - last) // WEEK


def last_busy_week(moments: Sequence[datetime]) -> datetime:
    """The Monday, 00:00, of the last week with at least a quarter of the median active week's events."""
    counts = Counter(monday(moment) for moment in moments)
    bound = BUSY_SHARE * median(counts.values())
    return max(week for week, count in counts.items() if count >= bound)


def monday(moment: datetime) -> datetime:
    """The beginning of the ISO week around a moment, in the moment's own zone."""
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - timedelta(days=midnight.weekday())


def pauses(moments: Sequence[datetime]) -> list[float]:
    """How many seconds to wait before each of these moments, so that all pass in about an hour, one every few seconds.

    Longer gaps stay longer and shorter ones shorter, but within bounds: nights would be silent otherwise.
    """
    if not moments:
        return []
    gaps = gaps_between(moments)
    usual = median(gaps) or 1.0
    shares = [min(UNEVEN, max(1 / UNEVEN, gap / usual)) for gap in gaps]
    seconds = len(moments) * min(PAUSE_MAX, max(PAUSE_MIN, PLAYED_SECONDS / len(moments)))
    return [share * seconds / sum(shares) for share in shares]


def gaps_between(moments: Sequence[datetime]) -> list[float]:
    """The seconds before each moment since the one before it; before the first none."""
    return [(after - before).total_seconds() for before, after in pairwise([moments[0], *moments])]


def faster(moments: Sequence[datetime]) -> float:
    """How many times faster than they happened moments usually follow each other when they are played."""
    if len(moments) < 2:
        return 1.0
    return median(gaps_between(moments)) / median(pauses(moments))
