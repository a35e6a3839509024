"""The door of a game: who plays too often, or knocks while too many wait, is asked to come again later."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from tests.webapp.campaigns.friday_weekend import Player, drain, friday, publish
from webapp.config import Settings
from webapp.http import player_tokens
from webapp.http.player_tokens import PlayerToken
from webapp.services.plays import admission
from webapp.store.system.connection import Connection

Make = Callable[..., Player]
TEXT = "The baker is counting"


@pytest.fixture
def player(settings: Settings, api_key: Callable[..., str], app_for: Callable[[Settings], Flask]) -> Make:
    """A client of a Laurel with these settings."""

    def make(**changes: Any) -> Player:
        admission._cached_states.clear()
        return Player(app_for(replace(settings, **changes)).test_client(), api_key("plays:write"))

    return make


def statuses(player: Player, *who: str) -> list[int]:
    return [player.play(f"p{place}", name).status_code for place, name in enumerate(who)]


def test_a_player_has_a_limit_of_plays_a_minute(conn: Connection, player: Make) -> None:
    publish(conn, friday(game={"rates": {"plays_per_player_per_minute": 2}}))
    ada = player()
    assert statuses(ada, "ada", "ada", "ada", "bob") == [202, 202, 429, 202]
    refused = ada.play("p9")
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert refused.get_json()["code"] == "rate_limited"
    assert ada.result("p9")["code"] == "not_found"


def test_an_address_has_a_limit_of_plays_a_minute_whoever_plays(conn: Connection, player: Make) -> None:
    publish(conn, friday(game={"rates": {"plays_per_address_per_minute": 2}}))
    shared_client = player()

    def play(who: str, address: str) -> int:
        sent = {"play_id": f"{who}-{address}", "player": who, "address": address}
        return int(
            shared_client.client.post("/v1/games/reel/plays", json=sent, headers=shared_client.headers).status_code
        )

    assert [play(who, "192.0.2.7") for who in ("ada", "bob", "eve")] == [202, 202, 429]
    assert play("eve", "192.0.2.8") == 202


def test_without_limits_nothing_is_counted(conn: Connection, player: Make) -> None:
    rates = {"plays_per_player_per_minute": None, "plays_per_address_per_minute": None}
    publish(conn, friday(game={"rates": rates}))
    assert set(statuses(player(), *["ada"] * (admission.PLAYS_PER_PLAYER + 5))) == {202}


def test_while_redis_is_away_nobody_is_refused(conn: Connection, player: Make) -> None:
    publish(conn, friday(game={"rates": {"plays_per_player_per_minute": 1}}))
    assert statuses(player(cache_url="redis://127.0.0.1:1/0"), "ada", "ada") == [202, 202]


def test_beyond_a_limit_of_waiting_plays_new_ones_are_refused(
    conn: Connection, settings: Settings, player: Make
) -> None:
    publish(conn, friday(game={"answers": {"queued": TEXT}}))
    assert statuses(player(), "ada", "bob") == [202, 202]
    full = player(plays_backlog_max=2)
    answer = full.play("p3", "eve")
    assert (answer.status_code, answer.get_json()["code"]) == (429, "backlog")
    assert answer.headers["Retry-After"] == str(admission.BACKLOG_RETRY_SECONDS)
    assert answer.get_json()["notice"] == TEXT
    drain(settings)
    admission._cached_states.clear()
    assert full.play("p3", "eve").status_code == 202


@pytest.mark.parametrize(("answers", "notice"), [({"queued": TEXT}, TEXT), ({}, "Prize pool updating…")])
def test_players_are_told_when_many_plays_wait(
    conn: Connection, settings: Settings, player: Make, answers: dict[str, str], notice: str
) -> None:
    publish(conn, friday(game={"answers": answers}))
    assert "notice" not in player().play("p1").get_json()
    late = player(plays_notice=1)
    assert late.play("p2").get_json() == {
        "play_id": "p2", "status": "queued", "result_url": "/v1/plays/p2", "notice": notice
    }  # fmt: skip
    assert late.result("p2")["notice"] == notice
    drain(settings)
    assert "notice" not in late.result("p2")


def test_players_are_told_when_the_oldest_play_has_waited_long(
    conn: Connection, owner_conn: Connection, player: Make
) -> None:
    publish(conn, friday())
    assert statuses(player(), "ada") == [202]
    owner_conn.execute("UPDATE play_inbox SET received_at = received_at - interval '11 seconds'")
    owner_conn.commit()
    assert player().result("p0")["notice"] == admission.DEFAULT_NOTICE


def test_behind_a_proxy_the_address_is_the_one_that_it_forwards(conn: Connection, player: Make) -> None:
    publish(conn, friday(game={"rates": {"plays_per_address_per_minute": 1}}))
    proxied = player(proxies=1)
    token = player_tokens.sign("only for tests, and long enough", PlayerToken(1, "ada", "reel", 1))

    def press(forwarded: str) -> int:
        head = {"X-Forwarded-For": forwarded}
        return int(proxied.client.post(f"/play/reel?token={token}", data={"play": forwarded}, headers=head).status_code)

    assert [press(forwarded_for) for forwarded_for in ("192.0.2.1", "192.0.2.2", "10.0.0.1, 192.0.2.1")] == [
        202,
        202,
        429,
    ]
