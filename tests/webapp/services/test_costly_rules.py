"""Costly rules hold nobody up: an event that costs too much is parked, a batch that takes long is cut off."""

from typing import Any

import psycopg
import pytest

from engine.scoring.rulebook.rulebook import Rulebook
from engine.vocabulary.shard import shard_of
from tests.webapp.services.drains import RULES, ask, assert_true_to_the_log, drain, lesson, lessons, post, publish
from webapp.config import Settings
from webapp.services.pipeline import apply_batch, isolate_failing_entry, rule_faults
from webapp.services.pipeline.apply_batch import DrainConnections
from webapp.services.pipeline.drain_lane import Pace, drain_round
from webapp.services.pipeline.replay_parked import replay
from webapp.store.events import shards
from webapp.store.events.event_log import NewEvent
from webapp.store.system.connection import connect, open_connection

LINES = {"var": "event.properties.lines"}
COMPARED = {">": [{"var": "price"}, {"var": "weight"}]}
COSTLY = {"and": [{"none": [LINES, {"or": [COMPARED] * 13}]}] * 4}
MANY_LINES = [{"price": 2.5, "weight": 2.75}] * 200
LIVE_COSTLY = "SELECT count(*) FROM rule WHERE key LIKE 'costly%%' AND status = 'live'"


def publish_costly(settings: Settings, count: int) -> None:
    trigger = {"events": ["lesson_completed"]}
    costly: list[dict[str, Any]] = [
        {"kind": "earning", "key": f"costly_{number}", "name": f"Costly {number}", "trigger": trigger,
         "condition": COSTLY, "grant": {"xp": 1}}
        for number in range(count)
    ]  # fmt: skip
    publish(settings, [*RULES, *costly])


def costly_lesson(number: int, player: str = "mallory") -> NewEvent:
    return lesson(number, player, lines=MANY_LINES)


def test_an_event_that_costs_too_much_is_parked_and_its_rules_are_named(settings: Settings) -> None:
    publish_costly(settings, 10)
    post(settings, [lesson(1), costly_lesson(2), lesson(3), lesson(4, "bob")])
    assert drain(settings) == 4
    assert ask(settings, "SELECT count(*) FROM applied") == 3
    assert ask(settings, "SELECT reason FROM parked") == "too_costly"
    assert ask(settings, "SELECT rule FROM parked").startswith("costly_")
    assert "more than 200,000 steps" in ask(settings, "SELECT detail FROM parked")
    assert ask(settings, "SELECT count(*) FROM rule_fault WHERE rule LIKE 'costly%%'") >= 3
    assert ask(settings, "SELECT count(*) FROM rule_fault WHERE rule NOT LIKE 'costly%%'") == 0
    assert_true_to_the_log(settings)


def test_what_a_player_did_before_in_the_same_batch_stands_and_what_comes_after_goes_on(settings: Settings) -> None:
    publish_costly(settings, 10)
    post(settings, [lesson(1, "mallory"), costly_lesson(2), lesson(3, "mallory")])
    drain(settings)
    assert ask(settings, "SELECT count(*) FROM applied") == 2
    assert ask(settings, "SELECT count(*) FROM ledger WHERE rule = 'new_course'") == 2
    assert_true_to_the_log(settings)


def test_no_strike_and_no_mark_is_left_of_it(settings: Settings) -> None:
    publish_costly(settings, 10)
    post(settings, [costly_lesson(1)])
    assert drain(settings) == 1
    assert ask(settings, "SELECT count(*) FROM strike") == 0
    assert ask(settings, "SELECT count(*) FROM lease WHERE name LIKE 'batch:%%' AND holder <> ''") == 0


def test_rules_that_spend_too_much_are_paused_until_the_rest_is_applied(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rule_faults, "CHECK_EVERY_SECONDS", 0.0)
    publish_costly(settings, 10)
    post(settings, [costly_lesson(number) for number in range(60)])
    drain(settings, batch=10)
    assert 0 < ask(settings, LIVE_COSTLY) < 7
    parked = ask(settings, "SELECT count(*) FROM parked")
    assert 20 <= parked < 60
    assert ask(settings, "SELECT count(*) FROM applied") == 60 - parked
    assert_true_to_the_log(settings)


def test_a_parked_event_can_be_replayed_once_its_rules_are_paused(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_costly(settings, 10)
    post(settings, [costly_lesson(1)])
    drain(settings)
    monkeypatch.setattr(rule_faults, "CHECK_EVERY_SECONDS", 0.0)
    monkeypatch.setattr(rule_faults, "FAULTS_MAX", 1)
    assert len(rule_faults.pause_failing(settings)) >= 3
    assert ask(settings, LIVE_COSTLY) <= 7
    while (parked := ask(settings, "SELECT seq FROM parked WHERE replayed_at IS NULL")) is not None:
        assert replay(settings, parked, "ada@example.org")
        drain(settings)
    assert ask(settings, "SELECT count(*) FROM applied") == 1
    assert_true_to_the_log(settings)


def _applied_players(settings: Settings) -> list[str]:
    with connect(settings.database_url) as conn:
        rows = conn.execute(
            "SELECT p.id FROM applied JOIN player p ON p.number = applied.player ORDER BY applied_at, n"
        )
        return [row[0] for row in rows]


SLOW, OTHER = [name for name in map(str, range(1000)) if shard_of(name) == 7][:2]
"""Two players of the same shard."""


def test_a_batch_that_is_cut_off_goes_on_where_it_ended(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apply_batch, "FOLD_SECONDS_MAX", 1e-9)
    publish(settings)
    post(settings, lessons(40))
    assert drain(settings) == 40
    assert ask(settings, "SELECT count(DISTINCT xmin::text) FROM applied") == 40
    assert_true_to_the_log(settings)


def test_whoever_makes_a_batch_long_comes_after_the_others_of_the_shard(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(settings)
    monkeypatch.setattr(apply_batch, "FOLD_SECONDS_MAX", 1e-9)
    post(settings, [*(lesson(number, SLOW) for number in range(5)), lesson(100, OTHER)])
    pace = Pace()
    with DrainConnections.open(settings) as connections:
        while drain_round(connections, shards.ALL, pace):
            pass
    assert _applied_players(settings) == [SLOW, OTHER, *[SLOW] * 4]
    assert_true_to_the_log(settings)


def test_whoever_sends_what_is_too_costly_comes_after_the_others_of_the_shard(settings: Settings) -> None:
    publish_costly(settings, 10)
    post(settings, [*(costly_lesson(number, SLOW) for number in range(5)), lesson(100, OTHER)])
    pace = Pace()
    with DrainConnections.open(settings) as connections:
        drain_round(connections, shards.ALL, pace)
        assert ask(settings, "SELECT count(*) FROM parked") == 1
        assert pace.limit < 500
        drain_round(connections, shards.ALL, pace)
    assert _applied_players(settings) == [OTHER]
    assert ask(settings, "SELECT count(*) FROM parked") == 2


def test_a_batch_that_fails_teaches_the_pace(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(settings)
    post(settings, lessons(10))
    monkeypatch.setattr(apply_batch, "failpoint", _lose_the_database)
    pace = Pace(500)
    with DrainConnections.open(settings) as connections, pytest.raises(psycopg.OperationalError):
        drain_round(connections, shards.ALL, pace)
    assert pace.limit == 250


def _lose_the_database(_name: str) -> None:
    raise psycopg.OperationalError("the connection is gone")


def test_repair_one_by_one_stops_for_the_others_and_goes_on_later(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(isolate_failing_entry, "REPAIR_SECONDS", 0.0)
    publish(settings)
    post(settings, lessons(6, players=1))
    shard = ask(settings, "SELECT min(shard) FROM inbox")
    with open_connection(settings.database_url) as conn:
        shards.mark_attempt(conn, {shard: 6})
        conn.commit()
    with DrainConnections.open(settings) as connections:
        finished = [drain_round(connections, [shard], Pace()) for _ in range(6)]
    assert finished == [1] * 6
    assert ask(settings, "SELECT holder FROM lease WHERE name = %s", f"batch:{shard}") == ""
    assert_true_to_the_log(settings)


def test_rules_are_compiled_while_no_shard_is_locked(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(settings)
    post(settings, [lesson(1)])
    compile_rulebook, free = apply_batch.rulebook, []

    def compile_and_look(*about: Any) -> Rulebook:
        with connect(settings.database_url) as conn:
            free.append(len(conn.execute("SELECT FROM shard FOR UPDATE SKIP LOCKED").fetchall()))
        return compile_rulebook(*about)

    monkeypatch.setattr(apply_batch, "rulebook", compile_and_look)
    drain(settings)
    assert free[0] == shards.SHARDS
