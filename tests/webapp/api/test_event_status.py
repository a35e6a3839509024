"""What became of an event: looked up later, or waited for; and backpressure."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from urllib.parse import quote

import psycopg
import pytest

from tests.webapp.api.events import a_batch, an_event
from tests.webapp.api.settings import change
from webapp.api import backpressure, long_poll
from webapp.runtime import clock
from webapp.store.events import event_status
from webapp.store.system.connection import connect

END_SLEEPERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND pid <> pg_backend_pid()
"""


def apply_all(settings, outcome=b'{"xp":50,"badges":[{"key":"first_step"}]}'):
    """What a drain would write, without judging anything."""
    with connect(settings.database_url) as conn:
        conn.execute(
            "INSERT INTO applied (shard, n, seq, received_on, player, rulebook, outcome)"
            " SELECT shard, seq, seq, received_on, player, 0, %s FROM inbox",
            (outcome,),
        )
        conn.execute("DELETE FROM inbox")
        conn.commit()


def park(conn, event_id):
    conn.execute(
        "INSERT INTO parked (seq, received_on, shard, player, reason, detail)"
        " SELECT seq, received_on, shard, player, 'poison', 'it broke' FROM entry WHERE event_id = %s",
        (event_id,),
    )
    conn.commit()


def test_an_accepted_event_is_pending(post, show):
    post(an_event(occurred_at="2026-01-01T00:00:00+01:00"))
    status = show("ev-1").json
    assert (status["status"], status["player"], status["occurred_at"]) == (
        "pending",
        "ada",
        "2025-12-31T23:00:00Z",
    )


def test_an_applied_event_tells_its_outcome(post, show, settings):
    post(an_event())
    apply_all(settings)
    status = show("ev-1").json
    assert (status["status"], status["outcome"]["xp"], status["outcome"]["coins"]) == ("applied", 50, 0)


def test_an_applied_event_without_effect_says_so(post, show, settings):
    post(an_event())
    apply_all(settings, None)
    assert show("ev-1").json["outcome"]["badges"] == []


def test_a_parked_event_tells_the_reason(post, show, conn):
    post(an_event())
    park(conn, "ev-1")
    assert [show("ev-1").json[name] for name in ("status", "reason", "detail")] == ["parked", "poison", "it broke"]


def test_a_replay_stands_for_its_event(post, show, conn, settings):
    post(an_event())
    park(conn, "ev-1")
    post(an_event(id="stands in for the replay"))
    conn.execute("UPDATE parked SET replay_seq = (SELECT max(seq) FROM entry)")
    conn.commit()
    apply_all(settings)
    assert show("ev-1").json["status"] == "applied"


def test_an_unknown_event_is_not_found(show):
    assert (show("never").status_code, show("never").json["code"]) == (404, "not_found")


def test_an_event_of_another_app_is_not_found(post, show, api_key):
    post(an_event())
    assert show("ev-1", key=api_key("events:write", app="shop")).status_code == 404


def test_an_id_with_a_slash_is_found(post, show):
    post(an_event(id="a/b c"))
    assert show("a/b%20c").json["id"] == "a/b c"


def test_a_waiting_request_gets_the_outcomes(post, settings, monkeypatch):
    look = event_status.decided_among
    monkeypatch.setattr(event_status, "decided_among", lambda conn, seqs: (apply_all(settings), look(conn, seqs))[1])
    answer = post(a_batch({"id": "a"}, {"id": "b", "player": ""}, {"id": "c"}), Prefer="wait=5")
    assert (answer.status_code, answer.headers["Preference-Applied"]) == (200, "wait=5")
    assert [(o["index"], o["id"], o["status"], o["xp"]) for o in answer.json["outcomes"]] == [
        (0, "a", "applied", 50),
        (2, "c", "applied", 50),
    ]


def test_a_repeated_event_has_its_outcome_too(post, settings):
    post(an_event())
    apply_all(settings)
    answer = post(an_event(), Prefer="wait=5")
    assert (answer.json["duplicate"], answer.json["outcomes"][0]["xp"]) == (1, 50)


def test_when_time_runs_out_the_answer_is_the_plain_one(post, monkeypatch):
    monkeypatch.setattr(long_poll, "WAIT_SECONDS_MAX", 0.05)
    answer = post(an_event(), Prefer="wait=1")
    assert (answer.status_code, "outcomes" in answer.json) == (202, False)


def test_when_too_many_wait_the_answer_is_the_plain_one(app, post):
    app.extensions["laurel.waiters"] = long_poll.LongPollSlots(0)
    assert post(an_event(), Prefer="wait=10").status_code == 202


@pytest.mark.parametrize(
    ("preference", "seconds"),
    [("wait=3", 3), ("respond-async, wait=99", 10), ("wait = 2", 2), ("wait=-1", 0), ("", 0), ("await=5", 0)],
)
def test_reads_the_preference(preference, seconds):
    assert long_poll.requested_wait_seconds(preference) == seconds


def test_a_long_backlog_rejects_senders(app, post):
    change(app, backlog_max=2)
    assert post(a_batch({"id": "a"}, {"id": "b"})).status_code == 202
    app.extensions.pop("laurel.pressure")
    answer = post(an_event(id="c"))
    assert (answer.status_code, answer.json["code"]) == (429, "backlog")
    assert 1 <= int(answer.headers["Retry-After"]) <= 60


def test_a_measurement_of_the_backlog_stays_fresh_for_a_while(settings, monkeypatch):
    gauge, looks = backpressure.BacklogGauge(), []
    monkeypatch.setattr(
        backpressure, "measure", lambda conn, bound: looks.append(1) or backpressure.BacklogMeasure(0, 0, 1e12)
    )
    assert gauge.is_stale()
    gauge.refresh(settings.database_url, 10)
    assert (gauge.is_stale(), gauge.retry_after(10), len(looks)) == (False, None, 1)


@pytest.mark.parametrize(
    ("looks", "seconds"),
    [
        ([(100, 0, 0)], 5),  # one look tells no rate
        ([(100, 0, 0), (100, 0, 1)], 5),
        ([(400, 0, 0), (200, 200, 4), (200, 200, 4.2)], 2),  # nothing committed between the last two looks
        ([(400, 0, 0), (100, 300, 30), (100, 300, 50)], 5),  # long ago says nothing of now
        ([(9000, 0, 0), (9000, 10, 1)], 60),
    ],
)
def test_senders_come_back_when_the_backlog_should_be_gone(settings, monkeypatch, looks, seconds):
    """Counted at the rate of the last ten seconds; of two looks in a row the second often sees nothing applied."""
    gauge, coming = backpressure.BacklogGauge(), [backpressure.BacklogMeasure(*look) for look in looks]
    monkeypatch.setattr(backpressure, "measure", lambda *_: coming.pop(0))
    for _ in looks:
        gauge.refresh(settings.database_url, 100)
    assert gauge.retry_after(100) == seconds


def test_without_postgres_nothing_is_accepted(app, post):
    change(app, database_url="postgresql://nobody@127.0.0.1:1/none")
    answer = post(an_event())
    assert (answer.status_code, answer.json["code"]) == (503, "unavailable")
    assert answer.headers["Retry-After"]


def test_when_postgres_ends_in_the_middle_nothing_is_accepted(post, conn, owner_conn, servers):
    owner_conn.execute(
        "CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(30); RETURN NEW; END'"
    )
    owner_conn.execute("CREATE TRIGGER die BEFORE INSERT ON inbox FOR EACH ROW EXECUTE FUNCTION die()")
    owner_conn.commit()
    with psycopg.connect(servers.admin_url, autocommit=True) as admin, ThreadPoolExecutor(1) as sender:
        sent = sender.submit(post, an_event())
        while not admin.execute(END_SLEEPERS).fetchall():
            time.sleep(0.01)
        assert sent.result().status_code == 503
    assert conn.execute("SELECT count(*) FROM event_key").fetchone() == (0,)


def test_without_redis_events_are_accepted(app_for, settings, key):
    away = replace(settings, queue_url="redis://127.0.0.1:1", cache_url="redis://127.0.0.1:1")
    client, head = app_for(away).test_client(), {"Authorization": f"Bearer {key}"}
    answer = client.post("/v1/events", json=an_event(), headers=head)
    assert (answer.status_code, "RateLimit" in answer.headers) == (202, False)
    assert client.get("/v1/events/ev-1", headers=head).json["status"] == "pending"


def test_says_how_many_requests_are_left(post, settings):
    answer = post(an_event())
    quota = settings.key_requests_per_second * 10
    assert answer.headers["RateLimit-Policy"] == f'"requests";q={quota};w=10'
    assert answer.headers["RateLimit"].startswith(f'"requests";r={quota - 1};t=')


def test_too_many_requests_of_one_key_are_turned_away(app, post, api_key):
    change(app, key_requests_per_second=0)
    answer = post(an_event())
    assert (answer.status_code, answer.json["code"]) == (429, "rate_limited")
    assert 1 <= int(answer.headers["Retry-After"]) <= 10


def test_a_key_that_asks_too_often_slows_no_other_key_down(app, post, api_key, monkeypatch):
    monkeypatch.setattr(clock, "now_micros", lambda: 1_800_000_001 * clock.MICROSECONDS)
    change(app, key_requests_per_second=1)
    statuses = [post(an_event(id=f"ev-{number}")).status_code for number in range(12)]
    assert statuses == [202] * 10 + [429] * 2
    assert post(an_event(id="ev-11"), key=api_key("events:write")).status_code == 202


def test_no_events_have_no_verdicts(conn):
    assert event_status.verdicts(conn, []) == {}


@pytest.mark.parametrize("event_id", ["a/b", "a//b", "/a", "a\nb", "50%", "é😀", "a?b#c"])
def test_an_event_is_found_by_whatever_id_it_was_given(post, show, event_id):
    assert post(an_event(id=event_id)).status_code == 202
    assert show(quote(event_id, safe="")).json["id"] == event_id
