"""The demo's events: real submissions, moved by whole weeks so that their last busy week is the present one."""

import gzip
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

FILE = Path(__file__).parent / "data" / "oulad_2013J.jsonl.gz"
BUSY_SHARE = 0.25
WEEK = timedelta(days=7)


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
    last = last_busy_week([each.occurred_at for each in submissions()])
    return (now - last) // WEEK


def last_busy_week(moments: Sequence[datetime]) -> datetime:
    """The Monday, 00:00, of the last week with at least a quarter of the median active week's events."""
    counts = Counter(monday(moment) for moment in moments)
    bound = BUSY_SHARE * median(counts.values())
    bound = BUSY_SHARE * median([count for count in counts.values() if count >= bound])
    return max(week for week, count in counts.items() if count >= bound)


def monday(moment: datetime) -> datetime:
    """The beginning of the ISO week around a moment, in the moment's own zone."""
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - timedelta(days=midnight.weekday())
