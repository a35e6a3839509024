"""A drain applies everything once, in one order, and the log says the same."""

import psycopg
import pytest

from engine.vocabulary.entry import Entry
from tests.servers import Servers
from tests.webapp.services.drains import (
    ask,
    assert_true_to_the_log,
    drain,
    lesson,
    lessons,
    lose_the_database,
    post,
    publish,
)
from webapp.config import Settings
from webapp.services.pipeline import apply_batch, drain_lane, isolate_failing_entry
from webapp.services.pipeline.drain_lane import Pace
from webapp.store.events import shards
from webapp.store.system.connection import connect


def test_everything_that_waits_is_applied_and_matches_the_log(settings: Settings) -> None:
    publish(settings)
    post(settings, lessons(200))
    assert drain(settings) == 200
    assert ask(settings, "SELECT count(*) FROM inbox") == 0
    assert assert_true_to_the_log(settings).entries == 200


def test_an_event_sent_twice_counts_once(settings: Settings) -> None:
    publish(settings)
    post(settings, [lesson(1), lesson(1)])
    post(settings, [lesson(1)])
    assert drain(settings) == 1
    assert ask(settings, "SELECT count(*) FROM ledger WHERE rule = 'new_course'") == 1


def test_n_numbers_the_entries_of_each_shard_without_gaps(settings: Settings) -> None:
    publish(settings)
    post(settings, lessons(150))
    drain(settings, batch=7)
    assert ask(
        settings, "SELECT bool_and(s.n = (SELECT count(*) FROM applied a WHERE a.shard = s.number)) FROM shard s"
    )


def test_the_size_of_batches_changes_nothing(settings: Settings, servers: Servers) -> None:
    hashes = set()
    for size in (1, 3, 500):
        servers.renew()
        publish(settings)
        post(settings, lessons(120))
        drain(settings, batch=size)
        hashes.add(assert_true_to_the_log(settings).state_hash)
    assert len(hashes) == 1


def test_shards_in_which_little_waits_share_a_batch(settings: Settings) -> None:
    publish(settings)
    post(settings, lessons(40, players=40))
    assert drain(settings, batch=40) == 40
    assert ask(settings, "SELECT count(DISTINCT xmin::text) FROM shard WHERE n > 0") == 1
    assert ask(settings, "SELECT count(*) FROM shard WHERE n > 0") > 10
    assert assert_true_to_the_log(settings).entries == 40


def test_shards_share_a_batch_up_to_its_limit() -> None:
    crowds = [(1, 2), (2, 3), (3, 1), (4, 9), (5, 1), (6, 5)]
    assert list(drain_lane._batches(crowds, Pace(5))) == [[1, 2], [3], [4], [5], [6]]


def test_a_failing_shard_in_a_shared_batch_does_not_affect_the_others(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The batch of all shards fails, then that of the guilty one; the others are each applied at once."""
    publish(settings)
    post(settings, [lesson(number, f"player-{number}") for number in range(20)])
    fold, alone_ran = apply_batch.fold, []

    def poisoned(player: apply_batch.Player, entry: Entry, book: apply_batch.Rulebook) -> apply_batch.Outcome:
        if entry.event_id == "ev-7":
            raise ZeroDivisionError
        return fold(player, entry, book)

    monkeypatch.setattr(apply_batch, "fold", poisoned)
    monkeypatch.setattr(isolate_failing_entry, "apply_one_by_one", lambda _, shard, count: alone_ran.append(shard) or 0)
    assert drain(settings) >= 10
    guilty = ask(settings, "SELECT shard FROM inbox WHERE shard = ANY(%s) LIMIT 1", alone_ran)
    assert set(alone_ran) == {guilty}
    assert ask(settings, "SELECT count(DISTINCT shard) FROM inbox") == 1


def test_a_locked_shard_is_skipped(settings: Settings) -> None:
    post(settings, [lesson(1)])
    with connect(settings.database_url) as conn:
        for shard in shards.ALL:
            shards.lock(conn, shard)
        assert drain(settings) == 0
    assert drain(settings) == 1


def test_a_batch_that_loses_the_database_leaves_everything_waiting(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(settings)
    post(settings, lessons(10))
    monkeypatch.setattr(apply_batch, "failpoint", lose_the_database)
    with pytest.raises(psycopg.OperationalError):
        drain(settings)
    monkeypatch.undo()
    assert ask(settings, "SELECT count(*) FROM applied") == 0
    assert drain(settings) == 10
    assert ask(settings, "SELECT count(*) FROM strike") == 0
