"""What is kept of backtests: the newest, those somebody approved something by, and no case of who was erased."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.webapp.drafts.conftest import wait_until_somebody_waits
from tests.webapp.services.drains import ask
from tests.webapp.tryout import campus
from webapp.config import Settings
from webapp.services.backtest import backtest_job
from webapp.services.backtest.backtest_job import BacktestRequest
from webapp.services.backtest.shard_replay import CASE_LISTS
from webapp.services.drafts import draft_editing
from webapp.services.players.erase import erase
from webapp.store.rules import backtests, drafts, submissions
from webapp.store.system import slow_job_rows
from webapp.store.system.connection import Connection, connect
from webapp.store.system.slow_job_rows import SlowJob


def taken_backtest(conn: Connection) -> SlowJob:
    """A backtest that a worker has taken, committed."""
    job = slow_job_rows.take(
        conn, backtest_job.start(conn, BacktestRequest(campus.FOR_EACH, None, "the content", None), "test")
    )
    conn.commit()
    assert job is not None
    return job


def players(result: dict[str, Any] | None) -> set[int]:
    assert result is not None
    return {case["player"] for name in CASE_LISTS for case in result["cases"][name]}


@pytest.fixture
def who(happened: None, settings: Settings) -> int:
    """The player of the newest hit: sure to be among the cases."""
    result = campus.backtested(settings, campus.FOR_EACH).result
    assert result is not None
    return int(result["cases"]["hits"][0]["player"])


def name_of(settings: Settings, number: int) -> str:
    return str(ask(settings, "SELECT id FROM player WHERE number = %s", number))


def test_the_cases_of_an_erased_player_leave_every_result_and_what_was_counted_stays(
    happened: None, settings: Settings
) -> None:
    before = campus.backtested(settings, campus.FOR_EACH)
    assert before.result is not None
    who = before.result["cases"]["hits"][0]["player"]
    with connect(settings.database_url) as conn:
        erase(conn, ask(settings, "SELECT id FROM player WHERE number = %s", who))
        after = backtests.by_id(conn, before.id)
    assert after is not None
    assert after.result is not None
    assert [case for case in after.result["cases"]["hits"] if case["player"] == who] == []
    assert len(after.result["cases"]["hits"]) == 9
    assert {**after.result, "cases": None} == {**before.result, "cases": None}


def test_an_erasure_while_a_backtest_runs_leaves_no_case(
    settings: Settings, who: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = backtest_job.backtest_shard

    def backtest_and_erase(conn: Connection, context: Any, shard: int) -> Any:
        part = look(conn, context, shard)
        if any(case["player"] == who for cases in part["cases"].values() for case in cases):
            with connect(settings.database_url) as own:
                erase(own, name_of(settings, who))
                own.commit()
        return part

    monkeypatch.setattr(backtest_job, "backtest_shard", backtest_and_erase)
    with connect(settings.database_url) as conn:
        job = taken_backtest(conn)
        result = backtest_job.run_job(settings, job)
        backtest = backtests.by_id(conn, job.id)
    assert backtest is not None
    assert who not in players(result) | players(backtest.result)


def test_an_erasure_that_is_not_committed_yet_is_waited_for(settings: Settings, who: int) -> None:
    with (
        connect(settings.database_url) as erasing,
        connect(settings.database_url) as conn,
        ThreadPoolExecutor(1) as pool,
    ):
        job = taken_backtest(conn)
        erase(erasing, name_of(settings, who))
        running = pool.submit(backtest_job.run_job, settings, job)
        wait_until_somebody_waits(conn)
        erasing.commit()
        assert who not in players(running.result())


def test_an_erasure_waits_for_a_result_that_is_being_kept_and_takes_its_cases_out(
    settings: Settings, who: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish, erased = slow_job_rows.finish, []
    pool = ThreadPoolExecutor(1)

    def erase_it() -> None:
        with connect(settings.database_url) as own:
            erase(own, name_of(settings, who))
            own.commit()

    def finish_late(conn: Connection, job_id: str, result: Any) -> None:
        finish(conn, job_id, result)
        erased.append(pool.submit(erase_it))
        with connect(settings.database_url) as watching:
            wait_until_somebody_waits(watching)

    monkeypatch.setattr(slow_job_rows, "finish", finish_late)
    with pool, connect(settings.database_url) as conn:
        job = taken_backtest(conn)
        assert who in players(backtest_job.run_job(settings, job))
        erased[0].result()
        backtest = backtests.by_id(conn, job.id)
    assert backtest is not None
    assert who not in players(backtest.result)


def done(conn: Connection, content: str) -> str:
    """A finished backtest of some content of the badge Ten Lessons."""
    request = BacktestRequest({"key": "ten_lessons"}, None, content)
    job = slow_job_rows.take(conn, backtest_job.start(conn, request, "test"))
    assert job is not None
    slow_job_rows.finish(conn, job.id, {})
    conn.commit()
    return job.id


def remaining_hashes(conn: Connection) -> list[str]:
    rows = conn.execute("SELECT params->>'hash' FROM job WHERE kind = 'backtest' ORDER BY created_at")
    return [row[0] for row in rows]


def test_the_newest_backtests_and_those_sent_for_approval_are_kept(settings: Settings) -> None:
    with connect(settings.database_url) as conn:
        draft = draft_editing.new_draft(conn, "badge", "test", {**campus.FIVE_PASSED, "key": "ten_lessons"})
        submissions.send(conn, draft, comment="Look", past="from_now", by="test")
        for content in (draft.hash.hex(), draft.hash.hex(), *"abcdefg"):
            done(conn, content)
        assert remaining_hashes(conn) == [draft.hash.hex(), *"bcdefg"]


def test_a_running_backtest_is_never_removed(settings: Settings) -> None:
    with connect(settings.database_url) as conn:
        going_on = backtest_job.start(conn, BacktestRequest({"key": "other"}, None, "x"), "test")
        for content in "abcdefgh":
            done(conn, content)
        backtests.delete_old(conn, "other")
        assert backtests.by_id(conn, going_on) is not None


def test_backtests_follow_the_key_of_a_draft_and_are_removed_with_a_rule_that_was_never_published(
    settings: Settings,
) -> None:
    with connect(settings.database_url) as conn:
        draft = draft_editing.new_draft(conn, "badge", "test", {**campus.FIVE_PASSED, "key": "ten_lessons"})
        done(conn, draft.hash.hex())
        rename = {"op": "set_field", "pointer": "/key", "texts": "twelve_lessons"}
        draft_editing.edit(conn, draft.id, draft.revision, rename, "test")
        assert backtests.last_done(conn, "twelve_lessons") is not None
        draft_editing.discard(conn, draft.id, "test")
        assert (remaining_hashes(conn), drafts.all_drafts(conn)) == ([], [])
