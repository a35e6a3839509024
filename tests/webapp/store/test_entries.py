"""Appending to the log: from many sides at once, in any order, beside erasures."""

import random
from concurrent.futures import ThreadPoolExecutor

import pytest

from webapp.store.events import event_log
from webapp.store.events.event_log import NewEvent, Status, SystemEntry, append, append_system_entry
from webapp.store.system.connection import connect


def event(number, player="ada", **changes):
    members = {
        "type": "lesson_completed",
        "occurred_at": 1_795_000_000_000_000,
        "payload": b"{}",
        "profile": None,
    } | changes
    return NewEvent(f"ev-{number}", player=player, **members)


def send(url, events):
    with connect(url) as conn:
        appended = append(conn, 1, events)
        conn.commit()
    return appended


def test_the_same_batches_from_many_senders_in_any_order_are_accepted_once(postgres_url, conn):
    events = [event(n, f"p{n % 20}") for n in range(200)]
    batches = [random.Random(seed).sample(events, len(events)) for seed in range(12)]
    with ThreadPoolExecutor(6) as senders:
        answers = list(senders.map(lambda batch: send(postgres_url, batch), batches))
    statuses = [status for answer in answers for status in answer.statuses]
    assert (statuses.count(Status.ACCEPTED), statuses.count(Status.DUPLICATE)) == (200, 2200)
    assert conn.execute("SELECT count(*), count(DISTINCT event_id) FROM entry").fetchone() == (200, 200)
    assert conn.execute("SELECT count(*) FROM player").fetchone() == (20,)


def test_everybody_is_told_the_same_number_for_an_id(postgres_url):
    events = [event(n) for n in range(30)]
    with ThreadPoolExecutor(4) as senders:
        answers = list(senders.map(lambda _: send(postgres_url, events).seqs, range(8)))
    assert all(answer == answers[0] for answer in answers)


def test_one_of_two_contents_at_the_same_moment_wins(postgres_url):
    rivals = [[event(n, type=kind) for n in range(50)] for kind in ("a", "b")]
    with ThreadPoolExecutor(2) as senders:
        first, second = senders.map(lambda batch: send(postgres_url, batch).statuses, rivals)
    assert {frozenset(pair) for pair in zip(first, second, strict=True)} == {
        frozenset({Status.ACCEPTED, Status.CONFLICT})
    }


def test_uncommitted_events_were_never_sent(postgres_url):
    with connect(postgres_url) as conn:
        append(conn, 1, [event(1)])
    assert send(postgres_url, [event(1)]).statuses == [Status.ACCEPTED]


def test_without_sorted_keys_two_senders_would_deadlock(postgres_url, owner_conn):
    (sound,) = owner_conn.execute("SELECT pg_get_functiondef('append_events'::regproc)").fetchone()
    owner_conn.execute(sound.replace("ORDER BY key\n", "ORDER BY place\n"))
    owner_conn.commit()
    assert _crosswise(postgres_url) == {"DeadlockDetected"}


def test_with_sorted_keys_two_senders_take_turns(postgres_url):
    assert _crosswise(postgres_url) == set()


def _crosswise(url):
    """Two requests with the same ids in opposite orders, again and again, until they fail or prove that they do not."""
    failures = set()
    for turn in range(60):
        events = [event(f"{turn}-{n}") for n in range(300)]
        with ThreadPoolExecutor(2) as senders:
            sent = [senders.submit(send, url, batch) for batch in (events, events[::-1])]
        failures |= {type(future.exception()).__name__ for future in sent if future.exception()}
        if failures:
            break
    return failures


def test_an_erased_player_who_comes_back_is_a_new_one(postgres_url, conn):
    send(postgres_url, [event(1)])
    conn.execute("UPDATE player SET id = NULL, erased_at = now() WHERE id = 'ada'")
    conn.commit()
    send(postgres_url, [event(2)])
    assert conn.execute("SELECT count(DISTINCT player) FROM entry").fetchone() == (2,)


def test_a_repeated_event_does_not_bring_an_erased_player_back(postgres_url, conn):
    send(postgres_url, [event(1)])
    conn.execute("UPDATE player SET id = NULL, erased_at = now() WHERE id = 'ada'")
    conn.commit()
    assert send(postgres_url, [event(1)]).statuses == [Status.DUPLICATE]
    assert conn.execute("SELECT count(*) FROM player").fetchone() == (1,)


def test_an_erasure_waits_for_events_that_are_being_accepted(postgres_url, conn):
    send(postgres_url, [event(1)])
    append(conn, 1, [event(2)])
    with ThreadPoolExecutor(1) as eraser, connect(postgres_url) as other_conn:
        erased = eraser.submit(other_conn.execute, "UPDATE player SET id = NULL WHERE id = 'ada'")
        conn.commit()
        assert erased.result().rowcount == 1


def test_an_update_of_a_players_state_does_not_wait(postgres_url, conn):
    send(postgres_url, [event(1)])
    append(conn, 1, [event(2)])
    with connect(postgres_url) as other_conn:
        assert other_conn.execute("UPDATE player SET version = 1 WHERE id = 'ada'").rowcount == 1


@pytest.mark.parametrize("queued", [True, False])
def test_an_entry_of_our_own_is_appended_once(conn, queued):
    player = event_log.ensure_players(conn, {"ada"})["ada"]
    own = SystemEntry(player, 7, "laurel.tick", "tick:1", b"{}")
    assert append_system_entry(conn, own, queued=queued) is not None
    assert append_system_entry(conn, own, queued=queued) is None
    assert conn.execute("SELECT count(*) FROM inbox").fetchone() == (int(queued),)


def test_partitions_are_made_ahead_once(conn):
    assert event_log.make_partitions(conn, 12) == 9
    assert event_log.make_partitions(conn, 12) == 0
