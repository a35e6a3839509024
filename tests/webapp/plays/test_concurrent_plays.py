"""Plays that single requests bring at once are queued together, and each request hears of its own play alone."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from flask import Flask

from tests.webapp.campaigns.friday_weekend import Player, budget, drain, friday, publish
from webapp.config import Settings
from webapp.services.plays import admission
from webapp.store.system.connection import Connection


def test_concurrent_plays_are_each_answered_with_their_own_outcome(
    app: Flask, conn: Connection, settings: Settings, api_key: Callable[..., str]
) -> None:
    """Each of twenty ids is sent three times, the third time by another player; every fourth is of another game."""
    admission._cached_states.clear()
    reel, key = friday()["games"][0] | {"budgets": [budget("coffee", 20)]}, api_key("plays:write")
    publish(conn, friday(games=[reel, reel | {"key": "second"}]))

    def play(number: int) -> str:
        player, name = Player(app.test_client(), key), f"p{number % 20}"
        answer = player.play(name, "grace" if number >= 40 else f"ada{number % 20}", "reel" if number % 4 else "second")
        return answer.get_json()["code"] if answer.status_code == 409 else answer.get_json()["play_id"]

    with ThreadPoolExecutor(12) as pool:
        heard = Counter(pool.map(play, range(60)))
    assert 20 <= heard.pop("conflict") <= 40
    assert set(heard) <= {f"p{number}" for number in range(20)}
    assert drain(settings) == 20


def test_an_unknown_game_does_not_affect_other_plays(app: Flask, conn: Connection, api_key: Callable[..., str]) -> None:
    admission._cached_states.clear()
    key = api_key("plays:write")
    publish(conn, friday())

    def play(number: int) -> int:
        return (
            Player(app.test_client(), key)
            .play(f"p{number}", f"ada{number}", "reel" if number % 2 else "no")
            .status_code
        )

    with ThreadPoolExecutor(8) as pool:
        assert Counter(pool.map(play, range(8))) == {202: 4, 404: 4}
