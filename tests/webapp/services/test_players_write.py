"""Changing a player by hand: applied at once, once, and true to the log."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from engine.vocabulary.shard import shard_of
from tests.webapp.services.drains import ask, assert_true_to_the_log, drain, lesson, lessons, post, publish
from webapp.config import Settings
from webapp.runtime import clock
from webapp.services.history.rebuild_state import rebuild_state
from webapp.services.publishing.rule_changes import archive_rule
from webapp.store.events import shards
from webapp.store.people import audit
from webapp.store.system.connection import connect

Call = Callable[..., TestResponse]


@pytest.fixture
def call(client: FlaskClient, api_key: Callable[..., str]) -> Call:
    key = api_key("players:write", "players:grant", "players:erase", "players:read", "events:write")

    def send(method: str, path: str, body: Any = None) -> TestResponse:
        return client.open(f"/v1/players/{path}", method=method, json=body, headers={"Authorization": f"Bearer {key}"})

    return send


@pytest.fixture
def school(settings: Settings) -> Settings:
    """Ada has done a lesson and it is applied."""
    publish(settings)
    post(settings, [lesson(60)])
    drain(settings)
    return settings


def test_put_creates_a_player_and_returns_it(settings: Settings, call: Call) -> None:
    answer = call("PUT", "ada", {"timezone": "Europe/London", "attributes": {"plan": "pro"}})
    assert (answer.status_code, answer.json["timezone"]) == (200, "Europe/London")
    assert answer.json["attributes"] == {"plan": "pro"}
    assert_true_to_the_log(settings)


def test_put_merges_attributes_and_null_removes(settings: Settings, call: Call) -> None:
    call("PUT", "ada", {"attributes": {"plan": "pro", "team": "red"}})
    assert call("PUT", "ada", {"attributes": {"plan": None, "age": 7}}).json["attributes"] == {"team": "red", "age": 7}


def test_attributes_that_grow_too_long_are_refused_and_the_known_ones_stay(settings: Settings, call: Call) -> None:
    assert call("PUT", "ada", {"attributes": {"first": "x" * 1500}}).status_code == 200
    answer = call("PUT", "ada", {"attributes": {"second": "x" * 1500}, "timezone": "Asia/Tokyo"})
    assert (answer.status_code, answer.json["code"]) == (422, "too_large")
    assert answer.json["errors"][0]["pointer"] == "/attributes"
    profile = call("GET", "ada").json
    assert (list(profile["attributes"]), profile["timezone"], profile["version"]) == (["first"], "UTC", 1)
    assert_true_to_the_log(settings)


def test_put_does_not_wait_for_pending_events(school: Settings, call: Call) -> None:
    post(school, [lesson(61)])
    assert call("PUT", "ada", {"timezone": "Asia/Tokyo"}).json["version"] == 2
    assert ask(school, "SELECT count(*) FROM inbox") == 1
    drain(school)
    assert_true_to_the_log(school)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [({"timezone": "Mars/Base"}, "/timezone"), ({"attributes": [1]}, "/attributes"), ({"name": "Ada"}, "/name")],
)
def test_put_refuses_with_a_pointer(call: Call, body: Any, pointer: str) -> None:
    answer = call("PUT", "ada", body)
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, pointer)


def test_a_grant_is_in_the_ledger_with_its_reason(school: Settings, call: Call) -> None:
    answer = call("POST", "ada/grants", {"xp": 50, "reason": "helped on the open day"})
    assert (answer.status_code, answer.json["outcome"]["xp"]) == (201, 50)
    assert ask(school, "SELECT reason FROM ledger WHERE amount = 50 AND currency = 'xp'") == "helped on the open day"
    assert_true_to_the_log(school)


def test_a_grant_with_an_id_is_given_once(school: Settings, call: Call) -> None:
    gift = {"id": "g-1", "coins": 7, "reason": "prize"}
    answers = [call("POST", "ada/grants", gift).status_code for _ in range(2)]
    assert answers == [201, 200]
    assert call("POST", "ada/grants", {**gift, "coins": 8}).status_code == 409
    assert ask(school, "SELECT count(*) FROM ledger WHERE amount = 7") == 1


def test_a_badge_is_given_and_revoked_and_stays_revoked(school: Settings, call: Call) -> None:
    assert call("POST", "ada/grants", {"badge": "ten_lessons", "reason": "early"}).status_code == 201
    assert call("POST", "ada/revocations", {"badge": "ten_lessons", "reason": "too early"}).status_code == 201
    post(school, [lesson(number) for number in range(100, 112)])
    drain(school)
    assert ask(school, "SELECT count(*) FROM badge_award WHERE badge = 'ten_lessons' AND revoked_n IS NULL") == 0
    assert_true_to_the_log(school)


THANKS = {"kind": "badge", "key": "thanks", "name": "Thanks", "trigger": {"events": ["lesson_completed"]},
          "condition": None, "tier": "gold", "grant": {"xp": 100, "coins": 40}}  # fmt: skip


@pytest.fixture
def thanked(school: Settings) -> Callable[[str], Settings]:
    """Ada has earned the badge Thanks, which repeats as the test says, with 100 XP and 40 coins."""

    def earn(repeat: str) -> Settings:
        publish(school, [{**THANKS, "repeat": repeat}])
        post(school, [lesson(62, score=0)])
        drain(school)
        return school

    return earn


def periods_of(call: Call, badge: str = "thanks") -> list[str | None]:
    return [held["period"] for held in call("GET", "ada").json["badges"] if held["key"] == badge]


@pytest.mark.parametrize(
    ("repeat", "period"),
    [("day", "2026-01-07"), ("week", "2026-W02"), ("month", "2026-01"), ("always", "default/ev-62")],
)
def test_a_badge_that_repeats_is_revoked_for_the_period_that_is_named(
    thanked: Callable[[str], Settings], call: Call, repeat: str, period: str
) -> None:
    settings, request = thanked(repeat), {"badge": "thanks", "reason": "error"}
    assert periods_of(call) == [period]
    answer = call("POST", "ada/revocations", request)
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/period")
    assert period in answer.json["detail"]
    never_given = call("POST", "ada/revocations", {**request, "period": "1999-01-01"})
    assert (never_given.status_code, never_given.json["code"]) == (409, "not_held")
    assert call("POST", "ada/revocations", {**request, "period": period}).json["outcome"]["revoked"] == ["thanks"]
    assert periods_of(call) == []
    assert call("POST", "ada/revocations", {**request, "period": period}).json["code"] == "not_held"
    assert_true_to_the_log(settings)


def test_a_badge_given_back_after_its_revocation_is_true_to_the_log(
    thanked: Callable[[str], Settings], call: Call
) -> None:
    settings = thanked("once")
    for path in ("revocations", "grants", "revocations", "grants"):
        assert call("POST", f"ada/{path}", {"badge": "thanks", "reason": "appeal"}).status_code == 201
    assert periods_of(call) == [None]
    assert_true_to_the_log(settings)
    assert rebuild_state(settings) == []


@pytest.mark.parametrize(("keep_grant", "left"), [(False, 0), (True, 40)])
def test_a_revoked_badge_takes_along_what_came_with_it_unless_told_otherwise(
    thanked: Callable[[str], Settings], call: Call, keep_grant: bool, left: int
) -> None:
    settings = thanked("once")
    before = call("GET", "ada").json
    call("POST", "ada/revocations", {"badge": "thanks", "reason": "error", "keep_grant": keep_grant})
    after = call("GET", "ada").json
    taken = (before["xp"] - after["xp"], before["coins"] - after["coins"])
    assert taken == ((0, 0) if keep_grant else (100, 40))
    assert after["coins"] == before["coins"] - 40 + left
    assert_true_to_the_log(settings)


def test_a_repeated_revocation_is_a_duplicate_and_another_one_with_its_id_a_conflict(
    thanked: Callable[[str], Settings], call: Call
) -> None:
    thanked("once")
    request = {"id": "r-1", "badge": "thanks", "reason": "error"}
    answers = [call("POST", "ada/revocations", request).status_code for _ in range(2)]
    assert answers == [201, 200]
    assert call("POST", "ada/revocations", {**request, "keep_grant": True}).json["code"] == "conflict"


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("revocations", {"badge": "no_such_badge"}, 422, "invalid"),
        ("revocations", {"badge": "ten_lessons"}, 409, "not_held"),
        ("revocations", {"badge": "first_step", "period": "2026-01-07"}, 409, "not_held"),
        ("grants", {"badge": "first_step", "xp": 5}, 409, "already_held"),
        ("grants", {"badge": "ten_lessons", "period": "2026-01-07"}, 422, "invalid"),
        ("grants", {"xp": 5, "period": "2026-01-07"}, 422, "invalid"),
        ("revocations", {"coins": 5}, 409, "no_effect"),
    ],
)
def test_what_is_not_held_or_would_change_nothing_is_refused_and_leaves_no_entry(
    school: Settings, call: Call, path: str, body: Any, status: int, code: str
) -> None:
    call("POST", "ada/revocations", {"coins": 1000, "reason": "all of them"})
    before = call("GET", "ada").json
    answer = call("POST", f"ada/{path}", {**body, "reason": "by mistake"})
    assert (answer.status_code, answer.json["code"]) == (status, code)
    assert call("GET", "ada").json == before
    assert_true_to_the_log(school)


def test_a_badge_that_is_out_of_force_can_still_be_revoked(thanked: Callable[[str], Settings], call: Call) -> None:
    settings = thanked("once")
    archive_rule(settings, "thanks", "test")
    assert call("POST", "ada/revocations", {"badge": "thanks", "reason": "error"}).status_code == 201
    assert periods_of(call) == []
    assert_true_to_the_log(settings)


def test_a_badge_that_repeats_is_granted_by_hand_for_the_period_of_now(
    thanked: Callable[[str], Settings], call: Call
) -> None:
    settings, request = thanked("month"), {"badge": "thanks", "reason": "kind"}
    now = clock.now()
    assert call("POST", "ada/grants", request).json["outcome"]["badges"][0]["period"] == f"{now:%Y-%m}"
    assert call("POST", "ada/grants", request).json["code"] == "already_held"
    assert call("POST", "ada/grants", {**request, "period": "2026-W01"}).status_code == 422
    assert_true_to_the_log(settings)


def test_a_revocation_never_leads_below_zero(school: Settings, call: Call) -> None:
    call("POST", "ada/revocations", {"coins": 1_000_000, "reason": "fraud"})
    assert call("GET", "ada").json["coins"] == 0
    assert_true_to_the_log(school)


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("ada/grants", {"reason": "for nothing"}, 422),
        ("ada/grants", {"xp": -5, "reason": "less"}, 422),
        ("ada/grants", {"badge": "nonesuch", "reason": "?"}, 422),
        ("bob/grants", {"xp": 5, "reason": "who?"}, 404),
        ("ada/streaks/nonesuch/freezes", {"count": 1}, 404),
        ("ada/streaks/daily/pauses", {"from": "2026-02-02", "to": "2026-02-01"}, 422),
        ("ada/streaks/daily/pauses", {"from": "2026-02-30", "to": "2026-03-01"}, 422),
        ("ada/streaks/daily/pauses", {"from": "2026-02-02", "to": "2027-02-03"}, 422),
        ("ada/revocations", {"badge": "first_step", "period": "a\0b", "reason": "NUL"}, 422),
        ("ada/grants", {"badge": "first_step", "period": "x" * 65, "reason": "too long to keep"}, 422),
        ("ada/grants", {"xp": 2**53 + 1, "reason": "too much"}, 422),
        ("ada/grants", {"xp": 1.5, "reason": "a half"}, 422),
        ("ada/grants", {"xp": 1, "reason": ""}, 422),
    ],
)
def test_an_impossible_change_is_refused(school: Settings, call: Call, path: str, body: Any, status: int) -> None:
    assert call("POST", path, body).status_code == status


def test_freezes_and_pauses_are_entries(school: Settings, call: Call) -> None:
    assert call("POST", "ada/streaks/daily/freezes", {"count": 1}).status_code == 201
    assert call("POST", "ada/streaks/daily/pauses", {"from": "2026-01-09", "to": "2026-01-12"}).status_code == 201
    assert call("GET", "ada").json["version"] == 3
    assert_true_to_the_log(school)


def test_a_taken_shard_is_answered_locked(school: Settings, call: Call) -> None:
    with connect(school.database_url) as conn:
        shards.lock(conn, shard_of("ada"))
        answer = call("POST", "ada/grants", {"xp": 5, "reason": "now"})
    assert (answer.status_code, answer.json["code"]) == (503, "locked")


def test_an_erased_player_is_gone_and_totals_stay(school: Settings, call: Call) -> None:
    before = ask(school, "SELECT sum(amount) FROM ledger")
    assert call("DELETE", "ada").status_code == 204
    assert [call(method, "ada").status_code for method in ("GET", "DELETE")] == [404, 404]
    assert ask(school, "SELECT sum(amount) FROM ledger") == before
    assert ask(school, "SELECT count(*) FROM entry WHERE payload <> '{}' OR event_id <> ''") == 0
    assert_true_to_the_log(school)


def test_what_waits_is_applied_before_a_player_is_erased(school: Settings, call: Call) -> None:
    post(school, [lesson(61), lesson(62), lesson(63, "bob")])
    call("DELETE", "ada")
    assert ask(school, "SELECT count(*) FROM inbox") == 1
    assert ask(school, "SELECT version FROM player WHERE erased_at IS NOT NULL") == 4
    assert_true_to_the_log(school)


def test_the_same_id_after_an_erasure_is_a_new_player(school: Settings, call: Call) -> None:
    call("DELETE", "ada")
    post(school, [lesson(64)])
    drain(school)
    assert call("GET", "ada").json["version"] == 1
    assert_true_to_the_log(school)


def test_changes_by_hand_and_by_the_drain_give_the_same_history(school: Settings, call: Call) -> None:
    for number in range(70, 90, 2):
        post(school, lessons(number))
        drain(school, batch=3)
        call("POST", "player-1/grants", {"xp": number, "reason": "r"})
    assert_true_to_the_log(school)


def test_a_put_is_in_the_audit_log_without_the_values(settings: Settings, call: Call) -> None:
    call("PUT", "ada", {"timezone": "Europe/London", "attributes": {"plan": "secret"}})
    call("PUT", "ada", {"attributes": {"age": 7}})
    with connect(settings.database_url) as conn:
        second, first = audit.entries(conn)
    assert (first.action, first.before) == ("player.put", {"exists": False})
    assert first.after == {"timezone": "Europe/London", "attributes": ["plan"]}
    assert (second.before, second.after) == ({"exists": True}, {"attributes": ["age"]})


def test_a_badge_that_is_out_of_force_keeps_its_name_with_those_who_hold_it(
    thanked: Callable[[str], Settings], call: Call
) -> None:
    settings = thanked("once")
    held, listed = (call("GET", f"ada{path}").json for path in ("", "/badges"))
    archive_rule(settings, "thanks", "test")
    assert call("GET", "ada").json["badges"] == held["badges"]
    assert call("GET", "ada/badges").json["data"] == listed["data"]
    assert "Thanks" in [badge["name"] for badge in listed["data"]]
