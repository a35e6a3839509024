"""Many plays in one request: each taken or refused by itself, in their order, once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.webapp.campaigns.friday_weekend import Player, budget, drain, friday, publish
from webapp.config import Settings
from webapp.services.plays import admission
from webapp.store.campaigns import plays
from webapp.store.system.connection import Connection


@pytest.fixture
def player(client: FlaskClient, api_key: Callable[..., str]) -> Player:
    admission._cached_states.clear()
    return Player(client, api_key("plays:write"))


def wish(number: int, who: str = "", **more: Any) -> dict[str, Any]:
    return {"play_id": f"p{number}", "player": who or f"player-{number}", **more}


def burst(player: Player, *wishes: Any, game: str = "reel") -> Any:
    return player.client.post(f"/v1/games/{game}/plays", json={"plays": list(wishes)}, headers=player.headers)


def test_plays_of_one_request_are_decided_in_its_order(conn: Connection, settings: Settings, player: Player) -> None:
    publish(conn, friday(game={"budgets": [budget("coffee", 3)]}))
    answer = burst(player, *[wish(number) for number in (7, 3, 9, 1, 5)])
    assert (answer.status_code, answer.get_json()["accepted"]) == (202, 5)
    drain(settings)
    won = [number for number in (7, 3, 9, 1, 5) if player.result(f"p{number}")["status"] == "won"]
    assert won == [7, 3, 9]


def test_invalid_plays_are_listed_and_the_rest_is_accepted(conn: Connection, player: Player) -> None:
    publish(conn, friday())
    player.play("p1", "ada")
    sent = [wish(1, "ada"), wish(1, "eve"), wish(2), {"play_id": "p3"}, wish(4, "a/b"), 7, wish(5)]
    answer = burst(player, *sent).get_json()
    assert (answer["accepted"], answer["same"], answer["rejected"]) == (2, 1, 4)
    assert [(problem["index"], problem["code"]) for problem in answer["problems"]] == [
        (1, "conflict"), (3, "invalid"), (4, "invalid"), (5, "invalid")
    ]  # fmt: skip


def test_the_same_id_twice_in_a_request_is_one_play(conn: Connection, settings: Settings, player: Player) -> None:
    publish(conn, friday())
    answer = burst(player, wish(1, "ada"), wish(1, "ada")).get_json()
    assert (answer["accepted"], answer["same"], drain(settings)) == (1, 1, 1)


@pytest.mark.parametrize(("game", "status", "code"), [("reel", 202, "game_not_open"), ("none", 404, "not_found")])
def test_a_game_that_takes_no_plays_says_so(
    conn: Connection, player: Player, game: str, status: int, code: str
) -> None:
    publish(conn, friday(game={"starts_at": "2026-01-01T00:00:00Z", "ends_at": "2026-01-02T00:00:00Z"}))
    answer = burst(player, wish(1), game=game)
    body = answer.get_json()
    assert answer.status_code == status
    assert (body["problems"][0] if status == 202 else body)["code"] == code
    assert conn.execute("SELECT count(*) FROM player WHERE id = 'player-1'").fetchone() == (status == 202,)


def test_a_player_who_plays_too_often_is_refused_and_others_are_not(conn: Connection, player: Player) -> None:
    publish(conn, friday(game={"rates": {"plays_per_player_per_minute": 1}}))
    answer = burst(player, wish(1, "ada"), wish(2, "ada"), wish(3, "bob")).get_json()
    assert [(problem["index"], problem["code"]) for problem in answer["problems"]] == [(1, "rate_limited")]
    assert answer["accepted"] == 2


@pytest.mark.parametrize("sent", [[], [wish(1)] * 501, {}, "p1"])
def test_a_request_without_plays_or_with_too_many_is_refused(conn: Connection, player: Player, sent: Any) -> None:
    publish(conn, friday())
    path = "/v1/games/reel/plays"
    assert player.client.post(path, json={"plays": sent}, headers=player.headers).status_code == 422


def test_concurrent_requests_in_different_orders_are_all_accepted_once(
    conn: Connection, settings: Settings, app: Flask, player: Player
) -> None:
    publish(conn, friday())
    wishes = [wish(number, f"player-{number % 40}") for number in range(120)]

    def send(place: int) -> int:
        sender = Player(app.test_client(), "")
        sender.headers = player.headers
        return int(burst(sender, *(wishes if place % 2 else wishes[::-1])).get_json()["accepted"])

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(send, range(6))) == 120
    assert drain(settings) == 120
    assert plays.backlog_size(conn, "reel", 10) == 0
