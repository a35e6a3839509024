"""What happens beside a running drain: rules change, players are changed and erased, entries kill their worker."""

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.journeys.checks import RULES, rows
from tests.journeys.laurels import SCOPES, apply_rules, assert_all_laws, settings_of, settle, state_hash
from tests.journeys.senders import Load, answers
from tests.running import RunningLaurel, running_laurel, wait_until
from webapp.services.publishing.publish import pause, resume
from webapp.store.system.connection import connect

pytestmark = [pytest.mark.laws, pytest.mark.timeout(400), pytest.mark.xdist_group("laws")]
MORE = [
    {"kind": "metric", "key": "scores", "name": "Scores", "events": ["answered"], "aggregate": "sum",
     "property": "score"},
    {"kind": "badge", "key": "thousand", "name": "A thousand points", "trigger": {"events": ["*"]},
     "condition": {">=": [{"var": "metric.scores.total"}, 1000]}, "tier": "gold", "repeat": "once"},
    {"kind": "leaderboard", "key": "scores_board", "name": "Scores", "score": "metric.scores", "window": "all_time",
     "timezone": "UTC", "segment_by": None, "limit": 1000, "finalise_after_hours": 12},
]  # fmt: skip


@pytest.fixture(scope="module")
def token(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """While this file is there, the next entry that runs alone kills its worker."""
    return tmp_path_factory.mktemp("tokens") / "alone"


@pytest.fixture(scope="module")
def laurel(token: Path) -> Iterator[RunningLaurel]:
    armed = f"alone_before_fold={token},batch_before_commit={token}.batch"
    with running_laurel(workers=2, LAUREL_FAILPOINTS=armed) as running:
        apply_rules(running)
        yield running


@contextmanager
def beside(act: Callable[[httpx.Client, random.Random], None], client: httpx.Client) -> Iterator[None]:
    """Do something again and again, from a thread of its own, until the block ends."""
    is_over, failed = threading.Event(), []

    def again() -> None:
        chance = random.Random(7)
        while not is_over.wait(0.02):
            try:
                act(client, chance)
            except Exception as error:  # noqa: BLE001  (told to the test)
                failed.append(error)
                return

    thread = threading.Thread(target=again, daemon=True)
    thread.start()
    yield
    is_over.set()
    thread.join(30)
    client.close()
    assert failed == []


def somebody(chance: random.Random) -> str:
    return f"/v1/players/player-{chance.randrange(12)}"


def grant(client: httpx.Client, chance: random.Random) -> None:
    body = {"xp": chance.randrange(1, 9), "reason": "by hand"}
    assert client.post(f"{somebody(chance)}/grants", json=body).status_code in {201, 404, 503}


def put(client: httpx.Client, chance: random.Random) -> None:
    body = {"timezone": chance.choice(["Asia/Tokyo", "UTC"]), "attributes": {"lucky": chance.randrange(9)}}
    assert client.put(somebody(chance), json=body).status_code in {200, 503}


def delete(client: httpx.Client, chance: random.Random) -> None:
    assert client.delete(somebody(chance)).status_code in {204, 404, 503}


@pytest.mark.parametrize("act", [grant, put, delete])
def test_a_player_changed_by_hand_during_a_drain_stays_true_to_the_log(laurel: RunningLaurel, act: Any) -> None:
    key = laurel.key(*SCOPES)
    seed = 60 + [grant, put, delete].index(act)
    with (
        beside(act, laurel.client(key)),
        Load(laurel.client(key), answers(1000, seed=seed), pause_seconds=0.02) as sent,
    ):
        pass
    settle(laurel)
    stored_ids = {row[0] for row in rows(settings_of(laurel), "SELECT event_id FROM entry WHERE app_id = 1")}
    assert_all_laws(laurel, sent.acknowledged & stored_ids)


def test_no_event_of_an_erased_player_is_lost_from_the_totals(laurel: RunningLaurel) -> None:
    with (
        beside(delete, laurel.client(laurel.key(*SCOPES))),
        Load(laurel.client(laurel.key(*SCOPES)), answers(300, seed=65), pause_seconds=0.02),
    ):
        pass
    settle(laurel)
    assert rows(settings_of(laurel), "SELECT count(*) > 0 FROM player WHERE erased_at IS NOT NULL") == [(True,)]
    count = rows(settings_of(laurel), "SELECT count(*) FROM applied JOIN entry USING (seq) WHERE type = 'answered'")
    ones = rows(settings_of(laurel), "SELECT count(*) FROM ledger WHERE rule = 'one_each' AND currency = 'xp'")
    assert count == ones


def test_a_rule_published_during_a_run_counts_from_the_first_event(laurel: RunningLaurel) -> None:
    with Load(laurel.client(laurel.key(*SCOPES)), answers(1000, seed=70), pause_seconds=0.02) as sent:
        sent.wait_for(0.3)
        apply_rules(laurel, MORE)
    settle(laurel)
    stored_ids = {row[0] for row in rows(settings_of(laurel), "SELECT event_id FROM entry WHERE app_id = 1")}
    assert_all_laws(laurel, sent.acknowledged & stored_ids)
    assert scores_in_states(laurel) == scores_in_log(laurel)


def scores_in_states(laurel: RunningLaurel) -> Any:
    return rows(
        settings_of(laurel),
        "SELECT number, (convert_from(state, 'utf8')::jsonb -> 'total' ->> 'scores')::bigint FROM player"
        " WHERE erased_at IS NULL AND convert_from(state, 'utf8')::jsonb -> 'total' ? 'scores' ORDER BY 1",
    )


def scores_in_log(laurel: RunningLaurel) -> Any:
    score = "convert_from(payload, 'utf8')::jsonb ->> 'score'"
    return rows(
        settings_of(laurel),
        f"SELECT player, sum(({score})::bigint * 1000000)::bigint FROM entry JOIN player ON number = player"
        f" WHERE type = 'answered' AND erased_at IS NULL AND {score} IS NOT NULL"
        " AND NOT EXISTS (SELECT FROM parked p WHERE p.seq = entry.seq) GROUP BY 1 ORDER BY 1",
    )


def test_a_rule_paused_during_a_run_is_paused_from_the_next_batch_of_each_shard(laurel: RunningLaurel) -> None:
    settings = settings_of(laurel)
    with Load(laurel.client(laurel.key(*SCOPES)), answers(800, seed=80), pause_seconds=0.02) as sent:
        sent.wait_for(0.3)
        with connect(settings.database_url) as conn:
            number = pause(conn, "first_topic", "test")
            conn.commit()
    settle(laurel)
    late_grants = (
        "SELECT l.n FROM ledger l JOIN applied a USING (shard, n) WHERE l.rule = 'first_topic' AND a.rulebook >= %s"
    )
    assert rows(settings, late_grants, number) == []
    with connect(settings.database_url) as conn:
        resume(conn, "first_topic", "test")
        conn.commit()
    assert state_hash(laurel)


def test_an_entry_that_kills_its_worker_three_times_is_parked_and_delays_nobody(
    laurel: RunningLaurel, token: Path
) -> None:
    settings = settings_of(laurel)
    client = laurel.client(laurel.key(*SCOPES))
    deaths = threading.Thread(target=_kill_three_times, args=(token,), daemon=True)
    deaths.start()
    with Load(client, answers(300, seed=90), pause_seconds=0.02) as sent:
        pass
    deaths.join(60)
    settle(laurel)
    wait_until(lambda: rows(settings, "SELECT count(*) FROM strike") == [(0,)], "strikes stay", laurel.log)
    assert len(rows(settings, "SELECT FROM applied JOIN entry USING (seq) WHERE event_id LIKE 'ev-90-%%'")) >= 299
    assert len(sent.acknowledged) == 300


def _kill_three_times(token: Path) -> None:
    """A batch dies first; then whatever runs alone, three times."""
    Path(f"{token}.batch").touch()
    for _ in range(3):
        token.touch()
        wait_until(lambda: not token.exists(), "nobody ran alone")


def test_the_number_of_workers_and_the_size_of_batches_change_nothing() -> None:
    events = answers(600, seed=100)
    hashes = set()
    for workers, batch in ((1, "1"), (4, "500")):
        with running_laurel(workers=workers, LAUREL_BATCH_MAX=batch) as laurel:
            apply_rules(laurel, RULES)
            with Load(laurel.client(laurel.key(*SCOPES)), events, senders=1) as sent:
                pass
            settle(laurel)
            assert_all_laws(laurel, sent.acknowledged)
            hashes.add(state_hash(laurel))
    assert len(hashes) == 1
