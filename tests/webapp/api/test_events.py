"""POST /v1/events, sentence by sentence of the contract: what is accepted, repeated, in conflict."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.webapp.api.events import a_batch, an_event

GOOD = {
    "times with an offset": {"occurred_at": "2026-03-29T00:30:00+01:00"},
    "times in UTC with fractions": {"occurred_at": "2026-03-29T00:30:00.123456Z"},
    "a player with a profile": {
        "player": {"id": "ada", "timezone": "Europe/London", "attributes": {"plan": "pro", "team": None}}
    },
    "a player without a profile": {"player": {"id": "ada"}},
    "an id of 128 characters": {"id": "é" * 128},
    "an id with a slash": {"id": "a/b"},
    "a type of 64 characters": {"type": "a" * 64},
    "a type with dots and digits": {"type": "shop.order_2.paid"},
    "a type that only resembles our own": {"type": "laurels"},
    "a player's id of 128 characters": {"player": "😀" * 128},
    "properties eight levels deep": {"properties": {"a": {"a": {"a": {"a": {"a": {"a": {"a": {}}}}}}}}},
    "numbers up to 2^53": {"properties": {"n": 2**53, "m": -(2**53), "x": 0.1}},
    "text like a name": {"properties": {"a": ':"', "b": '":', "c": '" :', "\u003a": 1}},
    "text in any script": {"properties": {"名前": "エイダ"}},
}


@pytest.mark.parametrize("change", GOOD.values(), ids=GOOD)
def test_accepts(post, change):
    answer = post(an_event(**change))
    assert (answer.status_code, answer.json["accepted"], answer.json["problems"]) == (202, 1, [])


def test_reports_the_counts_of_a_batch(post):
    post(an_event(id="old"))
    answer = post(a_batch({"id": "new"}, {"id": "old"}, {"id": "old", "type": "other"}, {"id": "bad", "player": ""}))
    counts = {name: answer.json[name] for name in ("accepted", "duplicate", "conflict", "rejected")}
    assert answer.status_code == 202
    assert counts == {"accepted": 1, "duplicate": 1, "conflict": 1, "rejected": 1}


def test_reports_the_events_of_a_batch_that_it_does_not_accept(post):
    post(an_event(id="old"))
    problems = post(a_batch({"id": "new"}, {"id": "old", "type": "other"}, {"id": "bad", "player": "a/b"})).json[
        "problems"
    ]
    assert [(p["index"], p["id"], p["status"], p["code"], p["pointer"]) for p in problems] == [
        (1, "old", "conflict", "conflict", "/events/1/id"),
        (2, "bad", "rejected", "invalid", "/events/2/player"),
    ]
    assert all(p["detail"] for p in problems)


SAME = {
    "word for word": ({}, {}),
    "members in another order": (
        {"properties": {"a": 1, "b": {"c": 1, "d": 2}}},
        {"properties": {"b": {"d": 2, "c": 1}, "a": 1}},
    ),
    "one as 1.0": ({"properties": {"n": 1}}, {"properties": {"n": 1.0}}),
    "the same instant": ({"occurred_at": "2026-03-29T00:30:00+01:00"}, {"occurred_at": "2026-03-28T23:30:00Z"}),
    "a player alone": ({"player": "ada"}, {"player": {"id": "ada"}}),
    "a profile in another order": (
        {"player": {"id": "ada", "attributes": {"a": 1, "b": 2}, "timezone": "UTC"}},
        {"player": {"timezone": "UTC", "attributes": {"b": 2, "a": 1}, "id": "ada"}},
    ),
}


@pytest.mark.parametrize(("first", "second"), SAME.values(), ids=SAME)
def test_the_same_content_is_the_same_event(post, first, second):
    post(an_event(**first))
    answer = post(an_event(**second))
    assert (answer.status_code, answer.json["accepted"], answer.json["duplicate"]) == (202, 0, 1)


OTHER = {
    "another type": {"type": "other"},
    "another player": {"player": "bob"},
    "a moment": {"occurred_at": "2026-01-01T00:00:00Z"},
    "another property": {"properties": {"course": "js"}},
    "a profile": {"player": {"id": "ada", "timezone": "UTC"}},
    "true instead of 1": {"properties": {"course": True}},
}


@pytest.mark.parametrize("change", OTHER.values(), ids=OTHER)
def test_other_content_under_the_same_id_is_a_conflict(post, change):
    post(an_event(properties={"course": 1}))
    answer = post(an_event(**{"properties": {"course": 1}} | change))
    assert (answer.status_code, answer.json["code"], answer.json["errors"][0]["pointer"]) == (409, "conflict", "/id")


def test_a_batch_compares_its_own_events_with_each_other(post):
    answer = post(a_batch({"id": "a"}, {"id": "a"}, {"id": "a", "type": "other"}))
    assert [answer.json[name] for name in ("accepted", "duplicate", "conflict")] == [1, 1, 1]


def test_a_conflict_changes_nothing(post, conn):
    post(an_event())
    post(an_event(player="nobody_yet"))
    assert conn.execute("SELECT array_agg(id) FROM player").fetchone() == (["ada"],)
    assert conn.execute("SELECT count(*) FROM entry").fetchone() == (1,)


def test_an_id_belongs_to_its_app(post, api_key):
    post(an_event())
    assert post(an_event(), key=api_key("events:write", app="shop")).json["accepted"] == 1


def test_another_key_of_the_same_app_shares_its_ids(post, api_key):
    post(an_event())
    assert post(an_event(), key=api_key("events:write")).json["duplicate"] == 1


def test_numbers_follow_the_order_of_the_request(post, conn):
    post(a_batch(*({"id": f"ev-{n}", "player": f"p{n % 7}"} for n in range(100))))
    rows = conn.execute("SELECT event_id FROM entry ORDER BY seq").fetchall()
    assert [row[0] for row in rows] == [f"ev-{n}" for n in range(100)]


def test_everything_accepted_waits_in_the_inbox(post, conn):
    post(a_batch({"id": "a"}, {"id": "b", "player": "bob"}))
    rows = conn.execute(
        "SELECT e.event_id, p.id FROM inbox i JOIN entry e USING (seq) JOIN player p ON p.number = i.player"
    )
    assert sorted(rows) == [("a", "ada"), ("b", "bob")]


def test_keeps_properties_and_profile_in_one_form(post, conn):
    post(an_event(properties={"b": 1.0, "a": [2.50]}, player={"id": "ada", "attributes": {"z": None}}))
    row = conn.execute("SELECT payload, profile FROM entry").fetchone()
    assert row == (b'{"a":[2.5],"b":1}', b'{"attributes":{"z":null}}')


def test_without_a_moment_an_event_happened_when_it_was_received(post, conn):
    post(an_event())
    assert conn.execute("SELECT occurred_at = received_at FROM entry").fetchone() == (True,)


def test_takes_a_thousand_events(post):
    assert post(a_batch(*({"id": f"ev-{n}"} for n in range(1000)))).json["accepted"] == 1000


def at(**ahead: float) -> dict[str, Any]:
    return {"occurred_at": (datetime.now(UTC) + timedelta(**ahead)).isoformat()}


def test_clocks_may_be_some_minutes_ahead(post):
    assert post(an_event(**at(minutes=4))).status_code == 202


def test_an_event_in_the_future_is_rejected(post):
    answer = post(an_event(**at(minutes=6)))
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/occurred_at")


def test_an_event_rejected_for_its_time_leaves_its_id_free(post):
    answer = post(a_batch(at(minutes=6), {}))
    assert [answer.json[name] for name in ("accepted", "rejected")] == [1, 1]
    assert answer.json["problems"][0]["pointer"] == "/events/0/occurred_at"
