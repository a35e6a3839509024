"""`GET /v1/players` answers as the contract promises: the profile, the lists, why and why not yet."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.webapp.services.drains import RULES, drain, lesson, post, publish
from webapp.config import Settings
from webapp.services.players import explanations

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
    assert set(profile["badges"][0]) == {"key", "name", "tier", "awarded_at", "event"}


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


def test_the_catalogue_is_read_once_for_all_badges(
    settings: Settings, get: Get, monkeypatch: pytest.MonkeyPatch
) -> None:
    ten = next(document for document in RULES if document["key"] == "ten_lessons")
    publish(settings, [*RULES, *(ten | {"key": f"more_{number}"} for number in range(3))])
    post(settings, [lesson(60)])
    drain(settings)
    catalogue_reads: list[object] = []
    catalogue = explanations.seen_properties.catalogue
    monkeypatch.setattr(
        explanations.seen_properties, "catalogue", lambda conn: (catalogue_reads.append(conn), catalogue(conn))[1]
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
