"""A small world for drains in this process: rules of Ada's school, events, a drain of everything, a check of it."""

from collections.abc import Iterable
from typing import Any, NoReturn

import msgspec
import psycopg

from webapp.config import Settings
from webapp.services.history.verify import VerifyReport, verify
from webapp.services.pipeline.apply_batch import DrainConnections
from webapp.services.pipeline.drain_lane import Pace, drain_round
from webapp.services.publishing.publish import apply_documents
from webapp.store.events import event_log, shards
from webapp.store.events.event_log import NewEvent
from webapp.store.system.connection import connect

DAY = 86_400_000_000
MONDAY = 1_767_571_200_000_000  # 2026-01-05T00:00:00Z

RULES: list[dict[str, Any]] = [
    {"kind": "metric", "key": "lessons", "name": "Lessons", "events": ["lesson_completed"], "aggregate": "count"},
    {"kind": "metric", "key": "courses", "name": "Courses", "events": ["*"], "aggregate": "distinct",
     "property": "course"},
    {"kind": "streak", "key": "daily", "name": "Daily streak", "events": ["*"], "every": "day",
     "freezes": {"initial": 1, "max": 2, "earn_every": 7}},
    {"kind": "levels", "key": "levels", "name": "Levels",
     "thresholds": [{"name": "Rookie", "xp": 0}, {"name": "Trader", "xp": 100}, {"name": "Expert", "xp": 400}]},
    {"kind": "earning", "key": "lesson_xp", "name": "XP for a lesson", "trigger": {"events": ["lesson_completed"]},
     "condition": {">=": [{"var": "event.properties.score"}, 40]},
     "grant": {"xp": {"+": [10, {"var": "event.properties.score"}]}, "coins": 1}},
    {"kind": "earning", "key": "new_course", "name": "XP for a new course", "trigger": {"events": ["lesson_completed"]},
     "condition": None, "grant": {"xp": 25}, "limits": {"once_per": ["event.properties.course"]}},
    {"kind": "badge", "key": "first_step", "name": "First Step", "trigger": {"events": ["*"]},
     "condition": {">=": [{"var": "metric.lessons.total"}, 1]}, "tier": "bronze", "repeat": "once"},
    {"kind": "badge", "key": "ten_lessons", "name": "Ten lessons", "trigger": {"events": ["*"]},
     "condition": {">=": [{"var": "metric.lessons.total"}, 10]}, "tier": "silver", "repeat": "once"},
    {"kind": "mission", "key": "three_today", "name": "Three today", "trigger": {"events": ["lesson_completed"]},
     "condition": None, "goal": {"target": 3}, "period": "day", "timezone": "player", "grant": {"xp": 75}},
    {"kind": "leaderboard", "key": "weekly_xp", "name": "Weekly XP", "score": "xp", "window": "week", "timezone": "UTC",
     "segment_by": None, "limit": 1000, "finalise_after_hours": 12},
]  # fmt: skip


def publish(settings: Settings, documents: list[dict[str, Any]] | None = None) -> None:
    with connect(settings.database_url) as conn:
        assert apply_documents(conn, documents or RULES, "test", publish=True).problems == []
        conn.commit()


def lesson(number: int, player: str = "ada", *, at: int | None = None, **properties: Any) -> NewEvent:
    """Event number so and so: a lesson an hour since Monday unless said otherwise."""
    content = {"course": f"c{number % 5}", "score": 30 + number % 70, **properties}
    moment = MONDAY + number * 3_600_000_000 if at is None else at
    payload = msgspec.json.encode(content, order="sorted")
    return NewEvent(f"ev-{number}", "lesson_completed", player, moment, payload, None)


def lessons(count: int, players: int = 7) -> list[NewEvent]:
    return [lesson(number, f"player-{number % players}") for number in range(count)]


def post(settings: Settings, events: Iterable[NewEvent]) -> event_log.Appended:
    with connect(settings.database_url) as conn:
        appended = event_log.append(conn, 1, list(events))
        conn.commit()
    return appended


def drain(settings: Settings, *, batch: int = 500, shard_numbers: Iterable[int] = shards.ALL) -> int:
    """Apply all that waits, as a lane would, and give how many left the inbox."""
    total, numbers = 0, list(shard_numbers)
    with DrainConnections.open(settings) as connections:
        while done := drain_round(connections, numbers, pace := Pace(batch)):
            pace.matches.write(connections.autocommit, numbers[0])
            total += done
    return total


def assert_true_to_the_log(settings: Settings) -> VerifyReport:
    verdict = verify(settings)
    assert [str(difference) for difference in verdict.differences] == []
    return verdict


def ask(settings: Settings, question: str, *values: Any) -> Any:
    """The one value that a query gives."""
    with connect(settings.database_url) as conn:
        row = conn.execute(question, values).fetchone()
    return None if row is None else row[0]


def lose_the_database(*_: object) -> NoReturn:
    """What a step does whose connection is gone."""
    raise psycopg.OperationalError("the connection is gone")
