"""The world that is measured: 50 live rules, some twelve of them triggered by each event, and its players.

One player in a hundred is heavy: 10,000 events of history and 5,000 once-per keys. Five events in a
hundred come up to two days late.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

TYPES = ("quiz_passed", "lesson_completed", "comment_posted", "video_watched", "peer_helped")
LATE_SHARE = 0.05
HEAVY_SHARE = 0.01
HEAVY_EVENTS = 10_000
HEAVY_KEYS = 5_000

Document = dict[str, Any]


@dataclass(frozen=True)
class Crowd:
    """How many players there are; the first hundredth of them is heavy."""

    players: int

    @property
    def heavy(self) -> int:
        return max(1, round(self.players * HEAVY_SHARE))

    def name(self, index: int) -> str:
        return f"bench-{index}"


def documents() -> list[Document]:
    """Fifty rules: 10 metrics, 2 streaks, levels, 3 boards, and 34 that judge; most look at one type of event."""
    return [*_metrics(), *_frame(), *_earning(), *_badges(), *_missions()]


def _metrics() -> list[Document]:
    counts = [
        {"kind": "metric", "key": f"count_{t}", "name": f"Count of {t}", "events": [t], "aggregate": "count"}
        for t in TYPES
    ]
    sums = [
        {"kind": "metric", "key": f"score_{t}", "name": f"Score in {t}", "events": [t],
         "aggregate": "sum", "property": "score"}
        for t in TYPES
    ]  # fmt: skip
    return [*counts, *sums]


def _frame() -> list[Document]:
    freezes = {"initial": 0, "max": 2, "earn_every": 7}
    steps = [{"name": f"Level {n}", "xp": 250 * n * n} for n in range(20)]
    boards = [
        {"kind": "leaderboard", "key": f"xp_{window}", "name": f"XP, {window}", "score": "xp", "window": window,
         "timezone": "UTC", "segment_by": None, "limit": 1000, "finalise_after_hours": 12}
        for window in ("week", "month", "all_time")
    ]  # fmt: skip
    return [
        {"kind": "streak", "key": "daily", "name": "Daily streak", "events": ["*"], "every": "day", "freezes": freezes},
        {"kind": "streak", "key": "weekly", "name": "Weekly streak", "events": ["*"], "every": "week"},
        {"kind": "levels", "key": "levels", "name": "Levels", "thresholds": steps},
        *boards,
    ]


def _earning() -> list[Document]:
    once = [
        {"kind": "earning", "key": f"first_{t}", "name": f"XP once, {t}", "trigger": {"events": [t]},
         "condition": {">=": [{"var": "event.properties.score"}, 40]},
         "grant": {"xp": {"+": [20, {"*": [{"var": "event.properties.weight"}, 2]}]}, "coins": 1},
         "limits": {"once_per": ["event.properties.thing"]}}
        for t in TYPES
    ]  # fmt: skip
    capped = [
        {"kind": "earning", "key": f"more_{t}", "name": f"XP again, {t}", "trigger": {"events": [t]},
         "condition": {"and": [{">=": [{"var": "event.properties.score"}, 80]},
                               {"in": [{"var": "player.attributes.plan"}, ["pro", "team"]]}]},
         "grant": {"xp": 5}, "limits": {"max_xp_per_day": 200}}
        for t in TYPES
    ]  # fmt: skip
    return [*once, *capped]


def _badges() -> list[Document]:
    steps = [
        {"kind": "badge", "key": f"steps_{t}_{n}", "name": f"{n} of {t}", "trigger": {"events": [t]},
         "condition": {">=": [{"var": f"metric.count_{t}.total"}, n]}, "tier": tier, "repeat": "once"}
        for t in TYPES for n, tier in ((1, "bronze"), (50, "silver"), (500, "gold"))
    ]  # fmt: skip
    anywhere = [
        {"kind": "badge", "key": "week_on_fire", "name": "Week on Fire", "trigger": {"events": ["*"]},
         "condition": {">=": [{"var": "streak.daily.current"}, 7]}, "tier": "silver", "repeat": "once"},
        {"kind": "badge", "key": "level_five", "name": "Level five", "trigger": {"events": ["*"]},
         "condition": {">=": [{"var": "player.level"}, 5]}, "tier": "gold", "repeat": "once"},
        {"kind": "badge", "key": "rich_month", "name": "Busy month", "trigger": {"events": ["*"]},
         "condition": {"and": [{">": [{"var": "metric.count_quiz_passed.this_month"}, 20]},
                               {">": [{"var": "metric.score_quiz_passed.last_7_days"}, 500]}]},
         "tier": "platinum", "repeat": "month"},
    ]  # fmt: skip
    return [*steps, *anywhere]


def _missions() -> list[Document]:
    daily = [
        {"kind": "mission", "key": f"three_{t}", "name": f"Three {t} today", "trigger": {"events": [t]},
         "condition": None, "goal": {"target": 3}, "period": "day", "timezone": "player",
         "grant": {"xp": 30, "coins": 2}}
        for t in TYPES
    ]  # fmt: skip
    weekly = {"kind": "mission", "key": "ten_a_week", "name": "Ten a week", "trigger": {"events": ["*"]},
              "condition": None, "goal": {"target": 10}, "period": "week", "timezone": "player",
              "grant": {"xp": 100}}  # fmt: skip
    return [*daily, weekly]


def events(crowd: Crowd, count: int, *, seed: int, now: datetime | None = None) -> Iterator[Document]:
    """Yield `count` events of random players around `now`, five in a hundred of them late."""
    chance = random.Random(seed)
    now = now or datetime.now(UTC)
    for index in range(count):
        late = timedelta(hours=chance.uniform(1, 48)) if chance.random() < LATE_SHARE else timedelta()
        yield {
            "id": f"bench-{seed}-{index}",
            "type": chance.choice(TYPES),
            "player": crowd.name(chance.randrange(crowd.players)),
            "occurred_at": (now - late - timedelta(seconds=1)).isoformat(),
            "properties": {
                "thing": f"t{chance.randrange(400)}",
                "score": chance.randrange(101),
                "weight": chance.choice((1, 2.5, 5)),
            },
        }


def history(crowd: Crowd, *, seed: int = 7) -> Iterator[Document]:
    """Yield what the heavy players did before: 10,000 events each over 30 days, with 5,000 once-per keys."""
    chance = random.Random(seed)
    start = datetime.now(UTC) - timedelta(days=30)
    for step in range(HEAVY_EVENTS):
        for player in range(crowd.heavy):
            moment = start + timedelta(days=30) * (step / HEAVY_EVENTS)
            kind = TYPES[step % len(TYPES)]
            yield {
                "id": f"heavy-{player}-{step}",
                "type": kind,
                "player": crowd.name(player),
                "occurred_at": moment.isoformat(),
                "properties": {"thing": f"h{step % HEAVY_KEYS}", "score": 40 + chance.randrange(60), "weight": 1},
            }
