"""`/v1/leaderboards` answers as the contract promises: ranks, windows, segments, cursors, errors."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.webapp.services.drains import drain, lesson, post, publish
from webapp import projections
from webapp.config import Settings
from webapp.projections import epoch
from webapp.projections.redis import cache_redis
from webapp.runtime.clock import now_micros
from webapp.services.pipeline.relay_outbox import relay

Get = Callable[..., TestResponse]
RULES: list[dict[str, Any]] = [
    {"kind": "earning", "key": "points", "name": "Points", "trigger": {"events": ["lesson_completed"]},
     "condition": None, "grant": {"xp": {"var": "event.properties.score"}}},
    {"kind": "leaderboard", "key": "ever", "name": "Ever", "score": "xp", "window": "all_time",
     "segment_by": "player.attributes.team"},
    {"kind": "leaderboard", "key": "weekly_xp", "name": "Weekly XP", "score": "xp", "window": "week"},
]  # fmt: skip


@pytest.fixture
def school(settings: Settings) -> Settings:
    """Twelve players with 120, 110, … 10 points; boards are up to date."""
    publish(settings, RULES)
    projections.rebuild(settings)
    for number in range(12):
        score(settings, number, f"player-{number:02}", 120 - 10 * number)
    return settings


def score(settings: Settings, number: int, player: str, points: int) -> None:
    post(settings, [lesson(number, player, at=now_micros(), score=points)])
    drain(settings)
    relay(settings, 100)


@pytest.fixture
def get(client: FlaskClient, api_key: Callable[..., str]) -> Get:
    key = api_key("leaderboards:read")
    return lambda path, **query: client.get(
        f"/v1/leaderboards{path}", query_string=query, headers={"Authorization": f"Bearer {key}"}
    )


def names(answer: TestResponse) -> list[str]:
    return [row["player"] for row in answer.json["data"]]


def walk(get: Get, path: str, between: Callable[[], None] = lambda: None, **query: Any) -> list[str]:
    """All names of all pages; `between` happens once after the first."""
    answer = get(path, **query)
    players = names(answer)
    between()
    while after := answer.json["next_cursor"]:
        answer = get(path, cursor=after, **query)
        players += names(answer)
    return players


def test_a_board_says_all_that_the_contract_promises(school: Settings, get: Get) -> None:
    board = get("/ever", limit=2).json
    assert set(board) == {"key", "name", "window", "as_of", "total", "data", "next_cursor"}
    assert (board["total"], board["window"]["id"], board["window"]["final"]) == (12, "all", False)
    assert board["data"][0] == {"rank": 1, "player": "player-00", "score": 120}


def test_pages_join_without_gaps_or_duplicates(school: Settings, get: Get) -> None:
    assert walk(get, "/ever", limit=5) == [f"player-{number:02}" for number in range(12)]


def test_a_cursor_stays_correct_while_a_player_overtakes_everybody(school: Settings, get: Get) -> None:
    players = walk(get, "/ever", lambda: score(school, 99, "newcomer", 1000), limit=5)
    assert players == [f"player-{number:02}" for number in range(12)]


def test_a_cursor_stays_correct_when_its_own_row_moves(school: Settings, get: Get) -> None:
    players = walk(get, "/ever", lambda: score(school, 99, "player-04", 1000), limit=5)
    assert players == [f"player-{number:02}" for number in range(12)]


@pytest.mark.usefixtures("school")
@pytest.mark.parametrize("query", [{"limit": 0}, {"limit": 101}, {"limit": "ten"}, {"cursor": "bm90IG91cnM="}])
def test_an_invalid_limit_or_cursor_is_rejected(get: Get, query: dict[str, Any]) -> None:
    answer = get("/ever", **query)
    assert (answer.status_code, answer.json["code"]) == (422, "invalid")
    assert answer.json["errors"][0]["pointer"] == f"/{next(iter(query))}"


@pytest.mark.usefixtures("school")
@pytest.mark.parametrize(
    ("path", "query"),
    [("/nonesuch", {}), ("/ever", {"window": "2026-W47"}), ("/weekly_xp", {"window": "2020-W01"}),
     ("/weekly_xp", {"window": "soon"}), ("/ever", {"around": "nobody"})],
)  # fmt: skip
def test_an_unknown_board_window_or_player_is_not_found(get: Get, path: str, query: dict[str, Any]) -> None:
    answer = get(path, **query)
    assert (answer.status_code, answer.json["code"]) == (404, "not_found")


def test_around_shows_the_place_of_anybody(school: Settings, get: Get) -> None:
    board = get("/ever", around="player-11").json
    assert (board["data"][-1]["rank"], board["next_cursor"]) == (12, None)


def test_a_segment_without_players_is_empty(school: Settings, get: Get) -> None:
    assert get("/ever", segment="red").json["data"] == []
    assert len(get("/ever", segment="").json["data"]) == 12


def test_previous_is_the_window_before(school: Settings, get: Get) -> None:
    current, previous = get("/weekly_xp").json["window"], get("/weekly_xp", window="previous").json["window"]
    assert previous["ends_at"] == current["starts_at"]


def test_while_boards_are_rebuilt_the_answer_is_503_rebuilding(school: Settings, get: Get) -> None:
    epoch.end(cache_redis(school))
    answer = get("/ever")
    assert (answer.status_code, answer.json["code"], answer.headers["Retry-After"]) == (503, "rebuilding", "1")


@pytest.mark.usefixtures("school")
def test_every_answer_says_how_many_requests_are_left(get: Get) -> None:
    first, second = get("/ever").headers, get("/nonesuch").headers
    assert "RateLimit-Policy" in first
    remaining = [int(headers["RateLimit"].split("r=")[1].split(";")[0]) for headers in (first, second)]
    assert remaining[1] == remaining[0] - 1
