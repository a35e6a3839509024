"""`GET /v1/players` answers as the contract promises: the profile, the lists, why and why not yet."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.webapp.services.drains import MONDAY, RULES, drain, lesson, post, publish
from webapp.config import Settings
from webapp.services.pipeline.apply_now import NewSystemEntry, apply_now
from webapp.services.players import rule_standings
from webapp.services.players.change_player import erase_player
from webapp.services.publishing.finish_publication import finish_now
from webapp.services.publishing.publish import AWARD, apply_documents, pause
from webapp.store.system.connection import connect

Get = Callable[..., TestResponse]


@pytest.fixture
def school(settings: Settings) -> Settings:
    """Ada has done nine lessons, Grace one."""
    publish(settings)
    post(settings, [*(lesson(60 + number) for number in range(9)), lesson(99, "grace")])
    drain(settings)
    return settings


@pytest.fixture
def get(client: FlaskClient, api_key: Callable[..., str]) -> Get:
    key = api_key("players:read")
    return lambda path, **query: client.get(
        f"/v1/players{path}", query_string=query, headers={"Authorization": f"Bearer {key}"}
    )


PROMISED = {
    "player", "timezone", "attributes", "xp", "coins", "level", "state", "badges", "streaks", "missions", "metrics",
    "version",
}  # fmt: skip


def test_a_profile_has_all_its_members(school: Settings, get: Get) -> None:
    profile = get("/ada").json
    assert set(profile) >= PROMISED
    assert (profile["version"], profile["metrics"]["lessons"]["total"]) == (9, 9)
    assert set(profile["badges"][0]) == {"key", "name", "tier", "period", "awarded_at", "event"}


@pytest.mark.usefixtures("school")
@pytest.mark.parametrize(
    "path", ["/bob", "/bob/ledger", "/bob/timeline", "/bob/badges", "/bob/rules/ten_lessons/explanation",
             "/ada/rules/nonesuch/explanation"],
)  # fmt: skip
def test_an_unknown_player_or_rule_is_not_found(get: Get, path: str) -> None:
    answer = get(path)
    assert (answer.status_code, answer.json["code"]) == (404, "not_found")


def walk(get: Get, path: str, between: Callable[[], None], **query: Any) -> list[dict[str, Any]]:
    answer = get(path, **query)
    rows = list(answer.json["data"])
    between()
    while after := answer.json["next_cursor"]:
        answer = get(path, cursor=after, **query)
        rows += answer.json["data"]
    return rows


def one_more(settings: Settings) -> None:
    post(settings, [lesson(200)])
    drain(settings)


def test_the_ledger_is_paged_and_stays_correct_while_entries_are_added(school: Settings, get: Get) -> None:
    lines = walk(get, "/ada/ledger", lambda: one_more(school), limit=4)
    sums = {name: sum(line["amount"] for line in lines if line["currency"] == name) for name in ("xp", "coins")}
    newest = {name: next(line["balance"] for line in lines if line["currency"] == name) for name in sums}
    assert sums == newest
    assert get("/ada").json["coins"] == newest["coins"] + 1


def test_the_timeline_is_paged_and_stays_correct_while_events_are_applied(school: Settings, get: Get) -> None:
    entries = walk(get, "/ada/timeline", lambda: one_more(school), limit=4)
    assert [entry["event"] for entry in entries] == [f"ev-{number}" for number in range(68, 59, -1)]


def test_players_are_found_by_the_beginning_of_their_id(school: Settings, get: Get) -> None:
    assert [player["player"] for player in get("", query="gr").json["data"]] == ["grace"]
    assert [player["player"] for player in walk(get, "", lambda: None, limit=1)] == ["ada", "grace"]


def test_badges_show_progress_and_rarity(school: Settings, get: Get) -> None:
    badges = {badge["key"]: badge for badge in get("/ada/badges").json["data"]}
    assert (badges["first_step"]["held"], badges["first_step"]["rarity"]) == (True, 1.0)
    assert badges["ten_lessons"]["held"] is False
    assert badges["ten_lessons"]["progress"]


def test_rarity_is_the_share_of_those_who_are_there_after_any_erasures(settings: Settings, get: Get) -> None:
    publish(settings)
    names = ["ada", "grace", "alan", "edsger"]
    post(settings, [lesson(number, name) for number, name in enumerate(names)])
    drain(settings)
    with connect(settings.database_url) as conn:
        conn.execute(
            "UPDATE badge_award SET revoked_n = 99 WHERE player = (SELECT number FROM player WHERE id = 'ada')"
        )
        conn.commit()
    for erased in ["", "grace", "edsger", "alan"]:
        if erased:
            erase_player(settings, erased, "key:test")
            names.remove(erased)
        badges = {badge["key"]: badge for badge in get("/ada/badges").json["data"]}
        assert badges["first_step"]["rarity"] == round((len(names) - 1) / len(names), 4)


def test_the_catalogue_is_read_once_for_all_badges(
    settings: Settings, get: Get, monkeypatch: pytest.MonkeyPatch
) -> None:
    ten = next(document for document in RULES if document["key"] == "ten_lessons")
    publish(settings, [*RULES, *(ten | {"key": f"more_{number}"} for number in range(3))])
    post(settings, [lesson(60)])
    drain(settings)
    catalogue_reads: list[object] = []
    catalogue = rule_standings.seen_properties.catalogue
    monkeypatch.setattr(
        rule_standings.seen_properties, "catalogue", lambda conn: (catalogue_reads.append(conn), catalogue(conn))[1]
    )
    assert [badge["progress"] for badge in get("/ada/badges").json["data"]] == [
        None,
        "1 of 10",
        "1 of 10",
        "1 of 10",
        "1 of 10",
    ]
    assert len(catalogue_reads) == 1


def test_an_explanation_says_why(school: Settings, get: Get) -> None:
    why = get("/ada/rules/first_step/explanation").json
    assert [award["event"] for award in why["awarded"]] == ["ev-60"]


def test_an_explanation_says_why_not_yet(school: Settings, get: Get) -> None:
    why = get("/ada/rules/ten_lessons/explanation").json
    assert (why["awarded"], why["holds"]) == ([], False)
    assert "1" in why["missing"]
    assert (why["next"]["verdict"], why["next"]["would_award"]) == ("depends", True)  # other events count no lesson


def explained(get: Get, rule: str, **query: Any) -> dict[str, Any]:
    answer: dict[str, Any] = get(f"/ada/rules/{rule}/explanation", **query).json
    return answer


def change(settings: Settings, kind: str, event_id: str, **payload: Any) -> None:
    with connect(settings.database_url) as conn:
        assert apply_now(conn, "ada", NewSystemEntry(kind, event_id, payload)) is not None
        conn.commit()


def test_a_badge_shows_its_condition_as_it_was_and_that_it_comes_once(school: Settings, get: Get) -> None:
    why = explained(get, "first_step")
    assert why["awarded"][0]["trace"]["have"] == 1  # it was the first lesson; there are nine by now
    assert (why["holds"], why["trace"]["have"], why["judged_event"]["id"]) == (True, 1, "ev-60")
    assert (why["next"]["verdict"], why["next"]["obstacles"][0]["reason"]) == ("never", "held")


def test_an_award_for_the_past_shows_the_event_that_earned_it_and_its_values_then(settings: Settings, get: Get) -> None:
    post(settings, [lesson(60), lesson(61)])
    drain(settings)
    with connect(settings.database_url) as conn:
        job = apply_documents(conn, RULES, "test", publish=True, past=AWARD).job
        conn.commit()
    assert job is not None
    finish_now(settings, job)
    why = explained(get, "first_step")
    assert (why["judged_event"]["id"], why["awarded"][0]["trace"]["have"]) == ("ev-60", 1)


def test_a_changed_rule_shows_awards_by_the_version_of_then(school: Settings, get: Get) -> None:
    first_step = next(document for document in RULES if document["key"] == "first_step")
    publish(school, [first_step | {"condition": {">=": [{"var": "metric.lessons.total"}, 50]}}])
    why = explained(get, "first_step")
    assert (why["version"], why["awarded"][0]["rule_version"], why["trace"]["need"]) == (1, 1, 1)


def test_a_revoked_badge_says_so_and_that_no_event_brings_it_back(school: Settings, get: Get) -> None:
    change(school, "laurel.revocation", "r-1", badge="first_step", reason="by mistake", by="op")
    why = explained(get, "first_step")
    assert why["awarded"][0]["revoked"]["reason"] == "by mistake"
    assert (why["next"]["verdict"], why["missing"]) == ("never", "It was revoked, and its rule does not award it again")
    row = next(badge for badge in get("/ada/badges").json["data"] if badge["key"] == "first_step")
    assert (row["held"], row["missing"]) == (False, why["missing"])


def test_a_badge_of_today_that_was_revoked_is_told_from_one_that_is_held(
    settings: Settings, get: Get, monkeypatch: pytest.MonkeyPatch
) -> None:
    lessons = {"events": ["lesson_completed"]}
    publish(settings, [{"kind": "badge", "key": "here", "name": "Here", "trigger": lessons, "repeat": "day"}])
    post(settings, [lesson(8), lesson(32)])
    drain(settings)
    monkeypatch.setattr(rule_standings, "now_micros", lambda: MONDAY + 33 * 3_600_000_000)
    assert explained(get, "here")["next"]["obstacles"][0]["reason"] == "held"
    change(settings, "laurel.revocation", "r-1", badge="here", period="2026-01-06", by="op")
    assert explained(get, "here")["next"]["obstacles"][0]["reason"] == "revoked"


def test_an_earning_rule_lists_what_it_gave_and_the_limit_that_refuses_the_next(school: Settings, get: Get) -> None:
    why = explained(get, "new_course")
    assert [award["xp"] for award in why["awarded"]] == [25] * 5
    assert (why["next"]["verdict"], why["next"]["would_award"]) == ("depends", False)
    assert (why["next"]["obstacles"][0]["reason"], "course" in why["missing"]) == ("once_per", True)


def test_a_mission_says_what_is_missing_for_its_goal(school: Settings, get: Get) -> None:
    why = explained(get, "three_today")
    assert (why["next"]["verdict"], why["next"]["obstacles"][0]["reason"]) == ("no", "goal")
    assert (why["next"]["obstacles"][0]["have"], why["next"]["obstacles"][0]["need"]) == (0, 3)
    assert "3 more matching events are needed today" in why["missing"]
    assert [(award["xp"], award["period"]) for award in why["awarded"]] == [(75, "2026-01-07")]


def test_an_award_is_chosen_by_its_event(school: Settings, get: Get) -> None:
    traces = [
        {award["event"]: "trace" in award for award in explained(get, "lesson_xp", event=event)["awarded"]}
        for event in ("ev-61", "ev-68", "none")
    ]
    assert [[event for event, is_explained in trace.items() if is_explained] for trace in traces] == [
        ["ev-61"], ["ev-68"], ["ev-68"]
    ]  # fmt: skip


def test_a_paused_rule_is_explained_by_what_it_gave(school: Settings, get: Get) -> None:
    with connect(school.database_url) as conn:
        assert pause(conn, "first_step", "test")
        conn.commit()
    why = explained(get, "first_step")
    assert (why["status"], why["next"]["verdict"], why["next"]["obstacles"][0]["reason"]) == (
        "paused",
        "no",
        "not_live",
    )
    assert why["awarded"][0]["trace"]["have"] == 1


def test_a_rule_says_that_it_divides_by_zero(settings: Settings, get: Get) -> None:
    share = {"/": [100, {"var": "event.properties.weight"}]}
    rule = {"kind": "earning", "key": "share", "name": "Share", "trigger": {"events": ["*"]}, "grant": {"xp": share}}
    publish(settings, [rule])
    post(settings, [lesson(60, weight=0)])
    drain(settings)
    why = explained(get, "share")
    assert [obstacle["reason"] for obstacle in why["next"]["obstacles"]] == ["division_by_zero"]


def test_the_ledger_tells_how_each_amount_came_about(settings: Settings, get: Get) -> None:
    boost = {"kind": "boost", "key": "double", "name": "Double", "multiplier": 2, "currencies": ["xp"]}
    capped = {"kind": "earning", "key": "capped", "name": "Capped", "trigger": {"events": ["*"]},
              "grant": {"xp": 30, "coins": 1}, "limits": {"max_xp_per_day": 100}}  # fmt: skip
    levels = next(document for document in RULES if document["key"] == "levels")
    publish(settings, [boost, capped, levels])
    post(settings, [lesson(number, at=MONDAY + number) for number in range(3)])
    drain(settings)
    lines = [line for line in get("/ada/ledger").json["data"] if line["currency"] == "xp"]
    assert [(line["base"], line["amount"], line["cut_off"], line["cut_by"]) for line in lines] == [
        (30, 40, 20, "daily_cap"), (30, 60, 0, None)
    ]  # fmt: skip
    assert [line["level_after"]["name"] for line in lines] == ["Trader", "Rookie"]
    assert lines[0]["boosts"] == [{"rule": "double", "version": 1, "multiplier": 2}]
    newest, *_ = get("/ada/timeline").json["data"]
    assert [(grant["currency"], grant["amount"], grant["cut_off"]) for grant in newest["outcome"]["grants"]] == [
        ("coins", 1, 0), ("xp", 0, 60)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "verdict", "text"),
    [
        ("levels", "never", "the highest one"),
        ("daily", "yes", "begins a new one"),
        ("double", "yes", "It multiplies"),
        ("new", "depends", "in it"),
        ("life", "depends", "Without an event until"),
        ("mug", "no", "It costs 100 coins; 91 are missing."),
    ],
)
def test_other_kinds_say_how_they_stand(settings: Settings, get: Get, rule: str, verdict: str, text: str) -> None:
    moves = [
        {"from": "ACTIVE", "to": "AWAY", "after_days_inactive": 3650},
        {"from": "ACTIVE", "to": "AWAY", "trigger": {"events": ["left"]}},
    ]
    others = [
        {"kind": "boost", "key": "double", "name": "Double", "multiplier": 2, "currencies": ["xp"]},
        {"kind": "segment", "key": "new", "name": "New", "condition": {"<": [{"var": "player.xp"}, 20]}},
        {"kind": "lifecycle", "key": "life", "name": "Life", "states": ["ACTIVE", "AWAY"], "transitions": moves},
        {"kind": "reward", "key": "mug", "name": "Mug", "cost": {"coins": 100}, "fulfilment": {"by": "hand"}},
    ]
    publish(settings, [*RULES, *others])
    post(settings, [lesson(60 + number) for number in range(9)])
    drain(settings)
    why = explained(get, rule)
    assert (why["next"]["verdict"], text in why["next"]["text"]) == (verdict, True), why["next"]
