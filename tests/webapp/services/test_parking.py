"""One bad entry delays nobody else: it is looked for alone, parked after three strikes, and can be replayed."""

from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest

from engine.vocabulary.entry import Entry
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
from webapp.services.history.rebuild_state import rebuild_state
from webapp.services.pipeline import apply_batch
from webapp.services.pipeline.replay_parked import replay
from webapp.store.events import shards, strikes
from webapp.store.system.connection import connect, open_connection

POISON = "ev-5"


@pytest.fixture
def poison(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """While it lasts, folding the entry of event 5 raises."""
    fold = apply_batch.fold

    def poisoned(player: apply_batch.Player, entry: Entry, book: apply_batch.Rulebook) -> apply_batch.Outcome:
        if entry.event_id == POISON:
            raise ZeroDivisionError("poison")
        return fold(player, entry, book)

    monkeypatch.setattr(apply_batch, "fold", poisoned)
    yield monkeypatch
    monkeypatch.undo()


@pytest.mark.usefixtures("poison")
def test_a_poison_entry_is_parked_and_all_others_are_applied(settings: Settings) -> None:
    publish(settings)
    post(settings, lessons(40))
    drain(settings)
    assert ask(settings, "SELECT count(*) FROM applied") == 39
    assert ask(settings, "SELECT detail FROM parked") == "ZeroDivisionError: poison"
    assert_true_to_the_log(settings)


@pytest.mark.usefixtures("poison")
def test_parking_removes_strikes_and_marks(settings: Settings) -> None:
    publish(settings)
    post(settings, lessons(40))
    drain(settings)
    assert ask(settings, "SELECT count(*) FROM strike") == 0
    assert ask(settings, "SELECT count(*) FROM lease WHERE name LIKE 'batch:%%' AND holder <> ''") == 0


def test_an_entry_whose_outcome_the_database_refuses_is_parked_too(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    fold = apply_batch.fold

    def exceed(player: apply_batch.Player, entry: Entry, book: apply_batch.Rulebook) -> apply_batch.Outcome:
        outcome = fold(player, entry, book)
        if entry.event_id == POISON:
            outcome.ledger[:] = [replace(line, balance=2**63) for line in outcome.ledger]
        return outcome

    monkeypatch.setattr(apply_batch, "fold", exceed)
    publish(settings)
    post(settings, lessons(40))
    drain(settings)
    assert ask(settings, "SELECT count(*) FROM applied") == 39
    assert "out of range" in ask(settings, "SELECT detail FROM parked")


def test_a_replay_is_a_new_entry_at_its_own_n(settings: Settings, poison: pytest.MonkeyPatch) -> None:
    publish(settings)
    post(settings, [lesson(5)])
    drain(settings)
    poison.undo()
    seq = ask(settings, "SELECT seq FROM parked")
    assert replay(settings, seq, "ada@example.org")
    assert drain(settings) == 1
    assert ask(settings, "SELECT replay_of FROM entry WHERE seq = (SELECT seq FROM applied)") == seq
    assert_true_to_the_log(settings)


def test_an_entry_is_replayed_once(settings: Settings, poison: pytest.MonkeyPatch) -> None:
    publish(settings)
    post(settings, [lesson(5)])
    drain(settings)
    poison.undo()
    seq = ask(settings, "SELECT seq FROM parked")
    assert [replay(settings, seq, "ada") for _ in range(2)] == [True, False]
    assert drain(settings) == 1


def test_an_entry_that_kills_its_worker_is_parked_at_the_third_death(settings: Settings) -> None:
    publish(settings)
    post(settings, [lesson(1), lesson(2)])
    shard = ask(settings, "SELECT shard FROM inbox LIMIT 1")
    for _ in range(4):  # a worker that marks the entry and dies
        _die_with_the_first(settings, shard)
    drain(settings)
    assert ask(settings, "SELECT count(*) FROM parked") == 1
    assert ask(settings, "SELECT count(*) FROM applied") == 1


def _die_with_the_first(settings: Settings, shard: int) -> None:
    seq = ask(settings, "SELECT min(seq) FROM inbox WHERE shard = %s", shard)
    with open_connection(settings.database_url) as side:
        shards.mark_attempt(side, {shard: 2})
        strikes.start_alone(side, shard, seq)


def test_a_database_failure_is_never_a_strike(settings: Settings, poison: pytest.MonkeyPatch) -> None:
    publish(settings)
    post(settings, [lesson(1)])
    shard = ask(settings, "SELECT shard FROM inbox")
    _die_with_the_first(settings, shard)
    poison.setattr(apply_batch, "fold", lose_the_database)
    for _ in range(5):
        with pytest.raises(psycopg.OperationalError):
            drain(settings)
    poison.undo()
    assert drain(settings) == 1
    assert ask(settings, "SELECT count(*) FROM parked") == 0


def test_the_entries_after_a_death_run_alone_and_nothing_is_lost(settings: Settings) -> None:
    publish(settings)
    post(settings, lessons(30, players=1))
    with connect(settings.database_url) as conn:
        shards.mark_attempt(conn, {ask(settings, "SELECT min(shard) FROM inbox"): 30})
        conn.commit()
    assert drain(settings) == 30
    assert_true_to_the_log(settings)


def spoil(settings: Settings, statement: str) -> None:
    with connect(settings.owner_url) as conn:
        assert conn.execute(statement).rowcount == 1
        conn.commit()


def test_an_entry_that_cannot_be_read_is_parked_and_delays_nobody(settings: Settings) -> None:
    publish(settings)
    post(settings, lessons(40))
    spoil(settings, "UPDATE entry SET payload = '{\"score\":' WHERE event_id = 'ev-5'")
    drain(settings)
    assert ask(settings, "SELECT count(*) FROM applied") == 39
    assert "DecodeError" in ask(settings, "SELECT detail FROM parked JOIN entry USING (seq) WHERE event_id = 'ev-5'")
    assert_true_to_the_log(settings)


def test_a_player_whose_state_cannot_be_read_delays_nobody_and_can_be_repaired(settings: Settings) -> None:
    publish(settings)
    post(settings, lessons(21))
    drain(settings)
    spoil(settings, "UPDATE player SET state = 'spoilt' WHERE id = 'player-3'")
    post(settings, lessons(42))
    drain(settings)
    assert ask(settings, "SELECT count(*) FROM applied") == 39
    assert ask(settings, "SELECT count(*) FROM parked JOIN player ON number = player WHERE id = 'player-3'") == 3
    rebuild_state(settings)
    with connect(settings.database_url) as conn:
        waiting = [row[0] for row in conn.execute("SELECT seq FROM parked ORDER BY seq")]
    assert all(replay(settings, seq, "ada@example.org") for seq in waiting)
    assert drain(settings) == 3
    assert_true_to_the_log(settings)
