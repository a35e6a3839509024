"""The beat: one leads, lost hints and dead workers cost time only, and every chore may run twice."""

from collections.abc import Iterator
from typing import Any

import pytest
import redis

from engine.vocabulary.shard import shard_of
from tests import presets
from tests.webapp.services.drains import MONDAY, ask, assert_true_to_the_log, drain, lesson, lessons, post, publish
from webapp.config import Settings
from webapp.projections.redis import Redis, queue_redis
from webapp.queue import slow_jobs, wakeups
from webapp.runtime.clock import now_micros
from webapp.services.pipeline import ticks
from webapp.services.pipeline.apply_batch import DrainConnections
from webapp.services.pipeline.drain_lane import drain_lane
from webapp.store.events import shards
from webapp.store.system import slow_job_rows
from webapp.store.system.connection import connect
from webapp.workers import chores
from webapp.workers.beat import LEASE, Beat, drain_here, hint_or_drain


@pytest.fixture
def connections(settings: Settings) -> Iterator[DrainConnections]:
    with DrainConnections.open(settings) as opened:
        yield opened


@pytest.fixture
def queue(settings: Settings) -> Redis:
    return queue_redis(settings)


def execute(settings: Settings, statement: str, *values: Any) -> None:
    with connect(settings.owner_url) as conn:
        assert conn.execute(statement, values).rowcount >= 1
        conn.commit()


def called(queue: Redis, lane: int) -> int:
    return int(queue.llen(f"rq:queue:drain-{lane}"))


def test_one_of_two_beats_leads_until_its_lease_runs_out(settings: Settings, connections: DrainConnections) -> None:
    first, second = Beat(settings), Beat(settings)
    leads = [shards.take_lease(connections.autocommit, LEASE, beat.holder, 60) for beat in (first, second, first)]
    assert leads == [True, False, True]
    execute(settings, "UPDATE lease SET until = clock_timestamp() - interval '1 s' WHERE name = %s", LEASE)
    assert shards.take_lease(connections.autocommit, LEASE, second.holder, 60)
    assert not shards.take_lease(connections.autocommit, LEASE, first.holder, 60)


def test_a_hundred_hints_make_one_job_for_each_lane(settings: Settings, queue: Redis) -> None:
    for _ in range(100):
        assert wakeups.hint(settings, [0, 1, 2, 3])
    assert [called(queue, lane) for lane in range(settings.workers)] == [1, 1]


def test_a_lost_hint_is_given_again_once_its_flag_is_gone(
    settings: Settings, connections: DrainConnections, queue: Redis
) -> None:
    post(settings, [lesson(1)])
    lane = shard_of("ada") % settings.workers
    wakeups.hint(settings, [lane])
    queue.delete(f"rq:queue:drain-{lane}")
    hint_or_drain(connections)
    assert called(queue, lane) == 0  # the flag still stands: somebody may be at it
    wakeups.drop_flag(settings, lane)
    hint_or_drain(connections)
    assert called(queue, lane) == 1


def test_an_event_that_arrives_after_the_last_look_is_hinted(
    settings: Settings, queue: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The event arrives while the flag stands, so its own hint makes no job; the drain looks once more."""
    publish(settings)
    lane = shard_of("ada") % settings.workers
    drop_flag = wakeups.drop_flag

    def an_event_arrives_first(*arguments: Any) -> None:
        post(settings, [lesson(1)])
        wakeups.hint(settings, [lane])
        assert called(queue, lane) == 0
        drop_flag(*arguments)

    monkeypatch.setattr(Settings, "from_environment", lambda: settings)
    monkeypatch.setattr(wakeups, "drop_flag", an_event_arrives_first)
    drain_lane(lane)
    assert called(queue, lane) == 1


def test_the_beat_drains_what_is_old_and_leaves_what_is_new(settings: Settings, connections: DrainConnections) -> None:
    publish(settings)
    post(settings, [lesson(1), lesson(2, "grace")])
    execute(settings, "UPDATE inbox SET received_at = received_at - interval '1 min' WHERE shard = %s", shard_of("ada"))
    assert drain_here(connections, older_than_seconds=5) == 1
    assert ask(settings, "SELECT shard FROM inbox") == shard_of("grace")


def test_without_redis_the_beat_drains_everything(
    settings: Settings, connections: DrainConnections, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(settings)
    post(settings, lessons(20))
    monkeypatch.setattr(wakeups, "is_flagged", _redis_is_away)
    hint_or_drain(connections)
    assert ask(settings, "SELECT count(*) FROM inbox") == 0


def _redis_is_away(*_: object) -> bool:
    raise redis.ConnectionError("away")


def test_a_tick_comes_only_where_time_changes_something_and_once(settings: Settings) -> None:
    publish(settings, presets.lifecycle())
    post(settings, [lesson(1, at=MONDAY), lesson(2, "grace", at=now_micros())])
    drain(settings)
    assert [ticks.append_ticks(settings) for _ in range(2)] == [1, 0]
    drain(settings)
    assert ticks.append_ticks(settings) == 0
    assert (
        ask(settings, "SELECT player.id FROM entry JOIN player ON number = player WHERE type = 'laurel.tick'") == "ada"
    )
    assert_true_to_the_log(settings)


@pytest.fixture
def job(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> str:
    """A slow job that is written down, of a kind that says `done`."""
    monkeypatch.setattr(Settings, "from_environment", lambda: settings)
    monkeypatch.setitem(slow_jobs.RUNNERS, "say", f"{__name__}:say")
    with connect(settings.database_url) as conn:
        job_id = slow_job_rows.start(conn, "say", {"word": "done"}, "ada")
        conn.commit()
    return job_id


def say(_: Settings, job: slow_job_rows.SlowJob) -> str:
    if job.params["word"] == "break":
        raise ZeroDivisionError("broken")
    return str(job.params["word"])


def status(settings: Settings, job_id: str) -> Any:
    return ask(settings, "SELECT status FROM job WHERE id = %s", job_id)


def test_a_slow_job_runs_once_however_often_it_is_called(settings: Settings, job: str) -> None:
    slow_jobs.run_job(job)
    execute(settings, 'UPDATE job SET params = \'{"word": "twice"}\' WHERE id = %s', job)
    slow_jobs.run_job(job)
    assert ask(settings, "SELECT result FROM job WHERE id = %s", job) == "done"


def test_a_slow_job_that_was_never_called_is_called_by_the_beat(settings: Settings, job: str, queue: Redis) -> None:
    chores.enqueue_stale_jobs(settings)
    assert queue.llen("rq:queue:slow") == 0
    execute(settings, "UPDATE job SET created_at = created_at - interval '1 min' WHERE id = %s", job)
    for _ in range(3):
        chores.enqueue_stale_jobs(settings)
    assert queue.llen("rq:queue:slow") == 1


def test_a_slow_job_whose_worker_died_is_taken_up_again(settings: Settings, job: str, queue: Redis) -> None:
    execute(
        settings,
        "UPDATE job SET status = 'running', lease_until = clock_timestamp() + interval '1 min' WHERE id = %s",
        job,
    )
    slow_jobs.run_job(job)
    assert status(settings, job) == "running"  # another has it
    execute(settings, "UPDATE job SET lease_until = clock_timestamp() - interval '1 s' WHERE id = %s", job)
    chores.enqueue_stale_jobs(settings)
    assert queue.llen("rq:queue:slow") == 1
    slow_jobs.run_job(job)
    assert status(settings, job) == "done"


def test_a_slow_job_that_breaks_says_why_and_is_not_tried_again(settings: Settings, job: str) -> None:
    execute(settings, 'UPDATE job SET params = \'{"word": "break"}\' WHERE id = %s', job)
    slow_jobs.run_job(job)
    assert status(settings, job) == "failed"
    assert ask(settings, "SELECT detail FROM job WHERE id = %s", job) == "ZeroDivisionError: broken"
