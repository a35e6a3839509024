"""A campus with real history: three dozen busy students, judged under several rulebooks as these came."""

from collections import Counter
from dataclasses import replace
from functools import cache
from typing import Any

import rules_library
from rules_library import demo
from rules_library.demo import Submission
from tests.webapp.services.drains import ask, drain, post
from webapp.config import Settings
from webapp.runtime import clock
from webapp.services.backtest import backtest_job
from webapp.services.backtest.backtest_job import BacktestRequest
from webapp.services.demo.demo_events import new_event
from webapp.services.publishing.finish_publication import finish_now
from webapp.services.publishing.publish import apply_documents
from webapp.store.events.event_log import NewEvent
from webapp.store.rules import backtests
from webapp.store.rules.backtests import Backtest
from webapp.store.system import slow_job_rows
from webapp.store.system.connection import connect

Raw = dict[str, Any]
STUDENTS = 36

SCORE, WEIGHT = {"var": "event.properties.score"}, {"var": "event.properties.weight"}
SUBMITTED: Raw = {"trigger": {"events": ["assessment_submitted"]}}
FIVE_PASSED: Raw = {"kind": "badge", "key": "five_passed", "name": "Five Passed", "tier": "gold", **SUBMITTED,
                    "condition": {">=": [{"var": "metric.passed.total"}, 5]},
                    "grant": {"xp": 400, "coins": 7}}  # fmt: skip
EVERY_GOOD_MONTH: Raw = {"kind": "badge", "key": "good_month", "name": "Good Month", "tier": "bronze", **SUBMITTED,
                         "repeat": "month", "condition": {"and": [
                             {">=": [{"var": "player.level"}, 2]}, {">=": [SCORE, 70]}]}}  # fmt: skip
FOR_EACH: Raw = {"kind": "earning", "key": "for_each", "name": "For each", **SUBMITTED,
                 "condition": {">=": [SCORE, 60]}, "grant": {"xp": {"*": [3, WEIGHT]}, "coins": 2},
                 "limits": {"once_per": ["event.properties.assessment"], "max_xp_per_day": 60,
                            "cooldown_seconds": 3600}}  # fmt: skip
EASIER_FINISH: Raw = {"kind": "badge", "key": "strong_finish", "name": "Strong Finish", "tier": "gold", **SUBMITTED,
                      "condition": {"and": [{">=": [SCORE, 75]}, {">=": [WEIGHT, 15]}]},
                      "grant": {"coins": 20}}  # fmt: skip
AFTER_A_BADGE: Raw = {"kind": "badge", "key": "finished_again", "name": "Finished again", "tier": "silver", **SUBMITTED,
                      "condition": {"and": [{"in": ["strong_finish", {"var": "player.badges"}]},
                                            {">=": [{"var": "streak.weekly.longest"}, 2]}]}}  # fmt: skip
THREE_A_MONTH: Raw = {"kind": "mission", "key": "three_a_month", "name": "Three a month", **SUBMITTED,
                      "condition": {">=": [SCORE, 50]}, "goal": {"target": 3}, "period": "month",
                      "timezone": "player", "grant": {"xp": 5}}  # fmt: skip
DRAFTS = (FIVE_PASSED, EVERY_GOOD_MONTH, FOR_EACH, EASIER_FINISH, AFTER_A_BADGE)


def happened(settings: Settings) -> None:
    """Let the first half happen under the starter pack, the second under both."""
    events = history()
    for name, part in (("starter", events[: len(events) // 2]), ("assessments", events[len(events) // 2 :])):
        publish(settings, pack(name))
        post(settings, part)
        drain(settings)


def pack(name: str) -> list[Raw]:
    """The documents of a pack."""
    return next(list(rule_pack.documents) for rule_pack in rules_library.packs() if rule_pack.name == name)


@cache
def history() -> list[NewEvent]:
    """What the students of the campus have handed in, in the order of its moments."""
    events = [event for submission in submissions() for event in _with_visits(submission)]
    return [event for event in events if event.occurred_at and event.occurred_at < clock.now_micros()]


def _with_visits(submission: Submission) -> list[NewEvent]:
    """A submission, and before some of them a visit, at which few rules look."""
    event = new_event(submission, submission.occurred_at)
    visit = replace(event, id=f"visit-{submission.id}", type="visit", payload=b"{}")
    return [visit, event] if submission.id.endswith(("1", "4", "7")) else [event]


@cache
def submissions() -> list[Submission]:
    """What these students handed in, moved to end about now; read once."""
    rows = list(demo.submissions(demo.weeks_to(clock.now())))
    most = {player for player, _ in Counter(row.player for row in rows).most_common(STUDENTS)}
    return [row for row in rows if row.player in most]


def happen(settings: Settings, count: int) -> None:
    """Let the first so many events happen under what is live."""
    post(settings, history()[:count])
    drain(settings)


def publish(settings: Settings, documents: list[Raw], past: str = "from_now") -> None:
    """Publish, history counted and awarded."""
    with connect(settings.database_url) as conn:
        applied = apply_documents(conn, documents, "test", publish=True, past=past)
        conn.commit()
    assert applied.problems == []
    if applied.job:
        finish_now(settings, applied.job)


def backtested(settings: Settings, document: Raw, tree: Raw | None = None, days: int | None = None) -> Backtest:
    """The backtest of a draft, done here and now."""
    with connect(settings.database_url) as conn:
        job_id = backtest_job.start(conn, BacktestRequest(document, tree, "the content", days), "test")
        conn.commit()
    run(settings, job_id)
    with connect(settings.database_url) as conn:
        backtest = backtests.by_id(conn, job_id)
    assert backtest is not None
    return backtest


def run(settings: Settings, job_id: str) -> None:
    """What the worker does with a backtest."""
    with connect(settings.database_url) as conn:
        job = slow_job_rows.take(conn, job_id)
        conn.commit()
    assert job is not None
    result = backtest_job.run_job(settings, job)
    with connect(settings.database_url) as conn:
        slow_job_rows.finish(conn, job_id, result)
        conn.commit()


def paid(settings: Settings) -> list[Any]:
    """What the log says was paid for the past: (player, content), the content without how it is told."""
    query = "SELECT player, convert_from(payload, 'utf8')::jsonb - 'silent' AS content FROM entry"
    query += " WHERE type = 'laurel.history_award'"
    paid: list[Any] = ask(
        settings, f"SELECT coalesce(jsonb_agg(jsonb_build_array(player, content)), '[]') FROM ({query}) AS t"
    )
    return paid
