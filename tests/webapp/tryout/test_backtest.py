"""A backtest says what would be paid, exactly: it is found and followed by the code that pays."""

from typing import Any

import msgspec
import pytest
from rq import Queue
from rq.serializers import JSONSerializer

from engine.authoring.jsonlogic.lift import lift
from engine.authoring.trace import trace_tree
from engine.authoring.tree.nodes import to_json
from engine.vocabulary.fact import Catalogue
from tests.webapp.services.drains import ask
from tests.webapp.tryout import campus
from webapp.config import Settings
from webapp.queue import slow_jobs, wakeups
from webapp.services.backtest import backtest_job, draft_rulebooks
from webapp.services.backtest.backtest_context import BacktestContext, BacktestDraft
from webapp.services.backtest.backtest_job import BacktestRequest
from webapp.services.backtest.shard_replay import replay_shard
from webapp.services.history.award_history import still_owed
from webapp.store.events import shards
from webapp.store.rules import backtests, rule_versions
from webapp.store.system import slow_job_rows
from webapp.store.system.connection import connect


def sorted_of(awards: list[Any]) -> list[bytes]:
    return sorted(msgspec.json.encode(award, order="sorted") for award in awards)


def payable(settings: Settings, document: campus.Raw) -> list[Any]:
    """Every single award that a backtest found to be paid: (player, content)."""
    with connect(settings.database_url) as conn:
        context = BacktestContext.build(conn, BacktestDraft(document, None, 0, rule_versions.live_number(conn)))
        replays = [replay_shard(conn, context, shard) for shard in shards.ALL]
        awards = [award for replay in replays for award in still_owed(conn, replay.recorded.unpaid(replay.payable))]
    return [[award.entry.player, award.content()] for award in awards]


@pytest.mark.parametrize("document", campus.DRAFTS, ids=lambda document: document["key"])
def test_a_backtest_finds_exactly_what_awarding_history_then_pays_and_causes(
    happened: None, settings: Settings, document: campus.Raw
) -> None:
    expected, result = payable(settings, document), campus.backtested(settings, document).result
    campus.publish(settings, [document], past="award")
    assert sorted_of(campus.paid(settings)) == sorted_of(expected)
    assert len(expected) >= 10
    assert result is not None
    assert result["payable"] == direct(settings, document["key"])
    assert result["follows"] == followed(settings, document["key"])


PAID = "applied a JOIN entry e ON e.seq = a.seq AND e.type = 'laurel.history_award'"
LINES = f"SELECT l.* FROM ledger l JOIN (SELECT a.shard, a.n FROM {PAID}) p USING (shard, n)"
BADGES = f"SELECT b.* FROM badge_award b JOIN (SELECT a.shard, a.n FROM {PAID}) p USING (shard, n)"


def direct(settings: Settings, key: str) -> dict[str, Any]:
    """What the rule itself gave for the past, by history."""
    awards = f"SELECT shard, n, player, at FROM ({LINES}) l WHERE rule = %s"
    awards += f" UNION SELECT shard, n, player, at FROM ({BADGES}) b WHERE badge = %s"
    days = f"SELECT to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day, count(*) AS many FROM ({awards}) g GROUP BY 1"
    return {
        "players": ask(settings, f"SELECT count(DISTINCT player) FROM ({awards}) g", key, key),
        "awards": ask(settings, f"SELECT count(*) FROM ({awards}) g", key, key),
        **{currency: of_currency(settings, currency, "rule = %s", key) for currency in ("xp", "coins")},
        "coupons": {},
        "days": ask(settings, f"SELECT jsonb_object_agg(day, many) FROM ({days}) d", key, key),
    }


def of_currency(settings: Settings, currency: str, whose: str, key: str) -> int:
    lines = f"SELECT coalesce(sum(amount), 0)::bigint FROM ({LINES}) l WHERE currency = %s AND {whose}"
    total: int = ask(settings, lines, currency, key)
    return total


def followed(settings: Settings, key: str) -> dict[str, Any]:
    """What came with the awards for the past, by history."""
    badges = f"SELECT badge, count(*) AS many FROM ({BADGES}) b WHERE badge <> %s GROUP BY 1"
    step = "(convert_from(outcome, 'utf8')::jsonb #>> %s)::int"
    levels = f"SELECT coalesce(sum({step} - {step}), 0)::int FROM {PAID}"
    return {
        "levels": ask(settings, levels, ["level", "number"], ["level", "before"]),
        **{currency: of_currency(settings, currency, "rule <> %s", key) for currency in ("xp", "coins")},
        "badges": ask(settings, f"SELECT coalesce(jsonb_object_agg(badge, many), '{{}}') FROM ({badges}) b", key),
    }


def test_levels_newer_than_history_give_nothing_beside_the_awards(settings: Settings) -> None:
    thresholds = [{"name": "One", "xp": 0}, {"name": "Two", "xp": 20, "grant": {"coins": 3}}]
    campus.publish(settings, [{**campus.FOR_EACH, "key": "earlier", "name": "Earlier"}])
    campus.happen(settings, 40)
    campus.publish(settings, [{"kind": "levels", "key": "levels", "name": "Levels", "thresholds": thresholds}])
    expected = payable(settings, campus.FOR_EACH)
    campus.publish(settings, [campus.FOR_EACH], past="award")
    assert {content["rule"] for _, content in campus.paid(settings)} == {"for_each"}
    assert sorted_of(campus.paid(settings)) == sorted_of(expected)


def test_the_result_says_who_would_have_got_it_day_by_day_and_against_what_is_live(
    happened: None, settings: Settings
) -> None:
    result = campus.backtested(settings, campus.EASIER_FINISH).result
    assert result is not None
    assert result["draft"]["players"] == result["draft"]["awards"] == sum(result["draft"]["days"].values())
    assert result["draft"]["players"] - result["live"]["players"] == result["gained"] - result["lost"] > 0
    assert result["draft"]["coins"] == 20 * result["draft"]["awards"]
    assert result["seen"]["players"] == campus.STUDENTS


def test_a_window_bounds_what_is_counted_and_not_what_is_folded(happened: None, settings: Settings) -> None:
    days, unbounded = (campus.backtested(settings, campus.FIVE_PASSED, days=days).result for days in (60, None))
    assert days is not None
    assert unbounded is not None
    of_the_window = {day: unbounded["draft"]["days"][day] for day in days["draft"]["days"]}
    assert of_the_window == days["draft"]["days"]
    assert 0 < days["draft"]["players"] < unbounded["draft"]["players"]
    assert days["payable"] == unbounded["payable"]


def test_worker_processes_find_the_same(happened: None, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    in_one_process = campus.backtested(settings, campus.FOR_EACH).result
    monkeypatch.setattr(backtest_job, "ENTRIES_IN_ONE_PROCESS_MAX", 0)
    assert campus.backtested(settings, campus.FOR_EACH).result == in_one_process


@pytest.mark.parametrize(
    "document",
    [campus.EVERY_GOOD_MONTH, campus.AFTER_A_BADGE, campus.THREE_A_MONTH],
    ids=lambda document: document["key"],
)
def test_what_is_pruned_changes_nothing(
    happened: None, settings: Settings, document: campus.Raw, monkeypatch: pytest.MonkeyPatch
) -> None:
    pruned = campus.backtested(settings, document, to_json(lift(document["condition"], Catalogue()))).result
    monkeypatch.setattr(draft_rulebooks.PrunedRulebooks, "pruned", lambda books, versions: versions)
    monkeypatch.setattr(draft_rulebooks, "event_types_read", lambda documents: None)
    assert campus.backtested(settings, document, to_json(lift(document["condition"], Catalogue()))).result == pruned


def test_near_misses_fail_exactly_the_row_that_they_name(happened: None, settings: Settings) -> None:
    tree = lift(campus.EASIER_FINISH["condition"], Catalogue())
    result = campus.backtested(settings, campus.EASIER_FINISH, to_json(tree)).result
    assert result is not None
    assert len(result["cases"]["near"]) == 10
    for case in result["cases"]["near"]:
        trace = trace_tree(tree, case["facts"], Catalogue())
        assert {node for node, mark in trace.of.items() if mark.state == "fail"} == {"root", case["node"]}


def test_a_backtest_that_is_stopped_leaves_no_result(happened: None, settings: Settings) -> None:
    with connect(settings.database_url) as conn:
        job_id = backtest_job.start(conn, BacktestRequest(campus.FOR_EACH, None, "the content"), "test")
        job = slow_job_rows.take(conn, job_id)
        backtests.cancel(conn, "for_each")
        conn.commit()
        assert job is not None
        assert backtest_job.run_job(settings, job) is None
        assert backtests.newest_unfinished(conn, "for_each") is None


def test_progress_counts_entries_and_ends_at_all_of_them(happened: None, settings: Settings) -> None:
    backtest = campus.backtested(settings, campus.FOR_EACH)
    assert backtest.progress == backtest.total == ask(settings, "SELECT count(*) FROM applied")
    assert (backtest.status, backtest.days) == ("done", None)


def test_a_new_backtest_replaces_the_running_one(settings: Settings) -> None:
    with connect(settings.database_url) as conn:
        first, second = (
            backtest_job.start(conn, BacktestRequest(campus.FOR_EACH, None, content), "test")
            for content in ("older", "newer")
        )
        statuses = [backtest.status for job_id in (first, second) if (backtest := backtests.by_id(conn, job_id))]
    assert statuses == ["cancelled", "queued"]


def test_a_backtest_over_a_long_history_is_not_cut_off_after_two_minutes(settings: Settings) -> None:
    slow_jobs.enqueue_job(settings, "00000000-0000-0000-0000-000000000000")
    (job,) = Queue(wakeups.SLOW_QUEUE, connection=wakeups.queue_redis(settings), serializer=JSONSerializer).jobs
    assert job.timeout == slow_jobs.SECONDS_MAX > 3600


def test_coupons_are_counted_as_they_would_be_claimed(happened: None, settings: Settings) -> None:
    codes = [f"V-{number}" for number in range(5)]
    campus.publish(settings, [{"kind": "coupon_pool", "key": "mugs", "name": "Mugs", "coupons": {"codes": codes}}])
    draft = campus.FOR_EACH | {"grant": {"coupon_pool": "mugs"}}
    result = campus.backtested(settings, draft).result
    campus.publish(settings, [draft], past="award")
    assert result is not None
    claimed = ask(settings, "SELECT count(*) FROM claim WHERE pool = 'mugs'")
    assert result["payable"]["coupons"] == {"mugs": claimed}
    assert claimed > len(codes)
