"""Where the engine has changed, what was right in its time is taken as given, and what came after is judged."""

from typing import Any

import pytest

from engine.vocabulary.entry import Entry
from tests.webapp.services.drains import ask, assert_true_to_the_log, drain, lesson, lessons, post, publish
from webapp.config import Settings
from webapp.services.history import refold
from webapp.services.history.checkpoints import write_if_changed
from webapp.services.history.rebuild_state import rebuild_state
from webapp.services.history.verify import verify
from webapp.services.pipeline import apply_batch
from webapp.services.players import erase as erasing
from webapp.services.players.erase import erase
from webapp.store.system.connection import connect


@pytest.fixture
def school(settings: Settings) -> Settings:
    """Seven players have done forty lessons; the present engine decided."""
    publish(settings)
    write_if_changed(settings, "1")
    post(settings, lessons(40))
    drain(settings)
    return settings


def change_the_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on every lesson is worth one point more of its score."""
    fold = apply_batch.fold

    def changed(player: Any, entry: Entry, book: Any, *, is_history: bool = False) -> Any:
        score = entry.properties.get("score")
        entry.properties.update({"score": score + 1} if score is not None else {})
        return fold(player, entry, book, is_history=is_history)

    for module in (apply_batch, refold):
        monkeypatch.setattr(module, "fold", changed)


def test_without_checkpoints_another_engine_finds_differences(
    school: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    change_the_engine(monkeypatch)
    assert verify(school).differences != []


def test_with_checkpoints_history_is_accepted_and_continues(school: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    assert write_if_changed(school, "2") == 7
    change_the_engine(monkeypatch)
    assert_true_to_the_log(school)
    post(school, lessons(80))
    drain(school)
    assert_true_to_the_log(school)


def test_a_rebuild_starts_from_the_checkpoint(school: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    write_if_changed(school, "2")
    change_the_engine(monkeypatch)
    post(school, lessons(60))
    drain(school)
    before = ask(school, "SELECT sum(amount) FROM ledger")
    with connect(school.owner_url) as conn:
        conn.execute("UPDATE player SET state = '{}'")
        conn.commit()
    assert rebuild_state(school) != []
    assert_true_to_the_log(school)
    assert ask(school, "SELECT sum(amount) FROM ledger") == before


def test_a_rebuild_corrects_which_entries_gave_something(school: Settings) -> None:
    right = ask(school, "SELECT shard, n, gives FROM applied ORDER BY shard, n")
    with connect(school.owner_url) as conn:
        conn.execute("UPDATE applied SET gives = NOT gives")
        conn.commit()
    rebuild_state(school)
    assert ask(school, "SELECT shard, n, gives FROM applied ORDER BY shard, n") == right


def test_an_unchanged_engine_writes_no_checkpoints(school: Settings) -> None:
    assert [write_if_changed(school, version) for version in ("1", "2", "2")] == [0, 7, 0]


def test_a_player_can_be_erased_after_a_checkpoint(school: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    write_if_changed(school, "2")
    change_the_engine(monkeypatch)
    post(school, [lesson(200, "player-3")])
    with connect(school.database_url) as conn:
        erase(conn, "player-3")
        conn.commit()
    assert_true_to_the_log(school)


def test_everything_that_waits_counts_before_an_erasure(school: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erasing, "PENDING_MAX", 5)
    post(school, [lesson(100 + number, "player-3") for number in range(23)])
    with connect(school.database_url) as conn:
        number = erase(conn, "player-3")
        conn.commit()
    assert ask(school, "SELECT count(*) FROM inbox") == 0
    assert ask(school, "SELECT version FROM player WHERE number = %s", number) == 6 + 23 + 1
    assert_true_to_the_log(school)
