"""A drain applies everything once, in one order, and the log says the same."""

import psycopg
import pytest

from tests.servers import Servers
from tests.webapp.jobs.drains import ask, assert_true_to_the_log, drain, lesson, lessons, post, publish
from webapp.config import Settings
from webapp.jobs import batch
from webapp.store import shards
from webapp.store.connection import connect


def test_everything_that_waits_is_applied_and_true_to_the_log(settings: Settings) -> None:
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


def test_n_counts_each_shard_without_gaps(settings: Settings) -> None:
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


def test_a_shard_whose_lock_is_taken_is_left_alone(settings: Settings) -> None:
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
    monkeypatch.setattr(batch, "failpoint", _lose_the_database)
    with pytest.raises(psycopg.OperationalError):
        drain(settings)
    monkeypatch.undo()
    assert ask(settings, "SELECT count(*) FROM applied") == 0
    assert drain(settings) == 10
    assert ask(settings, "SELECT count(*) FROM strike") == 0


def _lose_the_database(_name: str) -> None:
    raise psycopg.OperationalError("the connection is gone")
