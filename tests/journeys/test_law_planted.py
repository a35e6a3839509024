"""The checks are not vacuous: with a bug planted, the same check functions find a broken law."""

import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
import psycopg
import pytest

from tests.journeys.checks import RULES, broken_laws
from tests.journeys.senders import answers
from tests.webapp.services.drains import drain, post, publish
from webapp import projections
from webapp.config import Settings
from webapp.projections import leaderboards
from webapp.runtime.clock import to_micros
from webapp.services.pipeline import apply_batch
from webapp.services.pipeline.relay_outbox import relay
from webapp.store.events import applied_entries, recorded_history, shards
from webapp.store.events.event_log import NewEvent, append
from webapp.store.players import player_states
from webapp.store.system.connection import connect

pytestmark = [pytest.mark.laws, pytest.mark.timeout(200)]
Plant = pytest.MonkeyPatch


@pytest.fixture
def world(settings: Settings) -> Settings:
    publish(settings, RULES)
    projections.rebuild(settings)
    return settings


def events(count: int, seed: int = 1) -> list[NewEvent]:
    return [_new_event(event) for event in answers(count, seed=seed, now=datetime(2026, 11, 20, 12, tzinfo=UTC))]


def _new_event(event: dict[str, Any]) -> NewEvent:
    moment = to_micros(datetime.fromisoformat(event["occurred_at"]))
    payload = msgspec.json.encode(event["properties"], order="deterministic")
    return NewEvent(event["id"], event["type"], event["player"], moment, payload, None)


def run(settings: Settings, sent: list[NewEvent]) -> dict[str, Any]:
    """Send everything twice, drain, relay, and ask which laws are broken."""
    post(settings, sent)
    post(settings, sent)
    drain(settings)
    relay(settings, 1000)
    return broken_laws(settings, {event.id for event in sent})


def test_without_a_planted_bug_no_law_is_broken(world: Settings) -> None:
    assert run(world, events(300)) == {}


def drop_on_conflict(settings: Settings) -> None:
    """Let the database insert dedup keys as if none could stand already."""
    with connect(settings.owner_url) as conn:
        row = conn.execute("SELECT pg_get_functiondef('append_events'::regproc)").fetchone()
        assert row
        assert "ON CONFLICT (key) DO NOTHING" in row[0]
        conn.execute(row[0].replace("ON CONFLICT (key) DO NOTHING", "").encode())
        conn.commit()


def test_dropping_on_conflict_fails_repeated_events(world: Settings) -> None:
    drop_on_conflict(world)
    with pytest.raises(psycopg.errors.UniqueViolation):
        run(world, events(50))


def test_dropping_on_conflict_and_the_unique_key_counts_twice(world: Settings) -> None:
    drop_on_conflict(world)
    with connect(world.owner_url) as conn:
        conn.execute("ALTER TABLE event_key DROP CONSTRAINT event_key_pkey")
        conn.commit()
    assert "L2 counted wrongly" in run(world, events(50))


def test_two_transactions_instead_of_one_are_untrue_to_the_log(world: Settings, monkeypatch: Plant) -> None:
    """The states are committed by themselves; then the drain dies once before the rest."""
    save_players, deaths = player_states.save, iter([True])

    def save_apart(conn: Any, rows: Any) -> None:
        save_players(conn, rows)
        if next(deaths, False):
            conn.commit()
            raise psycopg.OperationalError("killed between the two")

    monkeypatch.setattr(player_states, "save", save_apart)
    post(world, events(50))
    with pytest.raises(psycopg.OperationalError):
        drain(world)
    assert "L6 untrue to the log" in run(world, events(50))


def test_folding_by_seq_instead_of_n_is_untrue_to_the_log(world: Settings, monkeypatch: Plant) -> None:
    """A lower number that is committed later is applied later; who folds by number gets another history."""
    assert run(world, events(60, seed=4)) == {}
    early, late = events(40, seed=5), events(40, seed=6)
    with connect(world.database_url) as conn:
        append(conn, 1, early)
        in_between = threading.Thread(target=lambda: (post(world, late), drain(world)))
        in_between.start()
        in_between.join(30)
        conn.commit()
    assert run(world, []) == {}
    monkeypatch.setattr(
        recorded_history, "BY_N", recorded_history.BY_N.replace("e.app_id ORDER BY ap.n", "e.app_id ORDER BY e.seq")
    )
    assert "L6 untrue to the log" in run(world, [])


def test_adding_scores_instead_of_writing_them_breaks_the_board(world: Settings, monkeypatch: Plant) -> None:
    """The relay tells everything at least once: a second time must change nothing."""
    adding = leaderboards.WRITE.replace("'ZADD'", "'ZINCRBY'").replace(
        "tonumber(version) > tonumber(old_version)", "true"
    )
    monkeypatch.setattr(leaderboards, "WRITE", adding)
    monkeypatch.setattr(applied_entries, "take_outbox", _twice(applied_entries.take_outbox))
    assert "L7 board unlike the ledger" in run(world, events(50))


def test_relaying_everything_twice_changes_nothing_on_the_board(world: Settings, monkeypatch: Plant) -> None:
    monkeypatch.setattr(applied_entries, "take_outbox", _twice(applied_entries.take_outbox))
    assert run(world, events(50)) == {}


def _twice(take: Callable[..., Sequence[bytes]]) -> Callable[..., list[bytes]]:
    return lambda conn, limit: [payload for payload in take(conn, limit) for _ in range(2)]


@pytest.mark.parametrize("is_planted", [False, True])
def test_without_the_lock_two_drains_apply_the_same_entries(
    world: Settings, monkeypatch: Plant, is_planted: bool
) -> None:
    """The keys of history would refuse the second one; with them gone too, nothing but the lock is left."""
    drop_keys_of_history(world)
    if is_planted:
        monkeypatch.setattr(shards, "LOCK", "SELECT number, n FROM shard WHERE number = ANY(%s::smallint[])")
    let_another_in(world, monkeypatch)
    broken = run(world, events(200))
    assert {"L2 counted wrongly", "L6 untrue to the log"} <= broken.keys() if is_planted else broken == {}


def let_another_in(settings: Settings, monkeypatch: Plant) -> None:
    """A whole other drain comes between what the first batch has read and what it writes."""
    fold_and_save, others = apply_batch.fold_and_save, iter([threading.Thread(target=drain, args=(settings,))])

    def apply_after_another(conn: Any, locked: list[apply_batch.LockedShard]) -> apply_batch.FinishedBatch:
        for other_thread in others:
            other_thread.start()
            other_thread.join(60)
        return fold_and_save(conn, locked)

    monkeypatch.setattr(apply_batch, "fold_and_save", apply_after_another)


def drop_keys_of_history(settings: Settings) -> None:
    """Let the database keep two rows of one n."""
    with connect(settings.owner_url) as conn:
        keys = conn.execute(
            "SELECT conrelid::regclass, conname FROM pg_constraint WHERE contype IN ('p', 'u') AND conparentid = 0"
            " AND conrelid = ANY('{applied,ledger,badge_award,mission_completion}'::regclass[])"
        ).fetchall()
        for table, key in keys:
            conn.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{key}"')
        conn.execute("DROP INDEX badge_held_once")
        conn.commit()


@pytest.mark.parametrize("is_planted", [False, True])
def test_only_the_lock_keeps_two_drains_from_colliding(world: Settings, monkeypatch: Plant, is_planted: bool) -> None:
    """Without it, the gapless n still keeps history right, but drains fail."""
    if is_planted:
        monkeypatch.setattr(shards, "LOCK", "SELECT number, n FROM shard WHERE number = ANY(%s::smallint[])")
    failed: list[psycopg.Error] = []
    start = threading.Barrier(4)
    threads = [threading.Thread(target=_drain_often, args=(world, start, failed)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(90)
    assert bool(failed) is is_planted
    assert run(world, []) == {}


def _drain_often(settings: Settings, start: threading.Barrier, failed: list[psycopg.Error]) -> None:
    """Send to the same players and drain them, at the same time as three others."""
    own_events = events(150, seed=start.wait() + 50)
    for start_index in range(0, len(own_events), 10):
        post(settings, own_events[start_index : start_index + 10])
        try:
            drain(settings, batch=3)
        except psycopg.Error as error:
            failed.append(error)
