"""What the contract promises of plays, coupons and budgets, sentence by sentence, where no other test is about it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import pytest
from flask import Flask

from tests.webapp.campaigns.friday_weekend import Player, budget, drain, friday, publish
from webapp.config import Settings
from webapp.store.system.connection import Connection

SCOPES = ("plays:write", "campaigns:read", "coupons:redeem")


@pytest.fixture
def player_of(app: Flask, api_key: Callable[..., str]) -> Callable[..., Player]:
    """A client that plays with a fresh key of an app."""
    return lambda app_name="default": Player(app.test_client(), api_key(*SCOPES, app=app_name))


@pytest.fixture
def player(player_of: Callable[..., Player]) -> Player:
    return player_of()


def test_a_play_received_in_time_is_decided_after_the_game_is_over(
    conn: Connection, settings: Settings, player: Player
) -> None:
    publish(conn, friday())
    player.play("p1")
    conn.execute("UPDATE game SET ends_at = clock_timestamp()")
    conn.commit()
    assert player.play("p2").get_json()["code"] == "game_not_open"
    drain(settings)
    assert player.result("p1")["status"] == "won"


@pytest.mark.parametrize(("seconds", "reason"), [(890, "won"), (901, "expired")])
def test_a_play_is_decided_within_fifteen_minutes_where_the_game_says_nothing_else(
    conn: Connection, settings: Settings, player: Player, seconds: int, reason: str
) -> None:
    publish(conn, friday())
    player.play("p1")
    conn.execute("UPDATE play SET received_at = received_at - make_interval(secs => %s)", (seconds,))
    conn.commit()
    drain(settings)
    assert player.result("p1")["reason"] == reason


def test_a_play_that_is_not_drawn_loses(conn: Connection, settings: Settings, player: Player) -> None:
    publish(conn, friday(game={"pacing": {"strategy": "odds", "chance": 0.000000001}}))
    player.play("p1")
    drain(settings)
    result = player.result("p1")
    assert (result["status"], result["reason"], result["coupon"]) == ("lost", "no_luck", None)


def test_a_limit_of_null_is_no_limit(conn: Connection, settings: Settings, player: Player) -> None:
    publish(conn, friday(game={"limits": {"plays_per_player": None, "wins_per_player": None}}))
    for number in range(4):
        player.play(f"p{number}")
    drain(settings)
    assert {player.result(f"p{number}")["reason"] for number in range(4)} == {"won"}


def test_ids_of_plays_belong_to_the_app_whatever_key_was_used(
    conn: Connection, settings: Settings, player_of: Callable[..., Player]
) -> None:
    publish(conn, friday())
    first_key, second_key, other_app = player_of(), player_of(), player_of("shop")
    assert first_key.play("p1").status_code == 202
    assert second_key.play("p1").status_code == 202
    assert second_key.play("p1", "bob").status_code == 409
    assert other_app.result("p1")["code"] == "not_found"
    assert other_app.play("p1", "bob").status_code == 202
    assert drain(settings) == 2


def test_a_waiting_request_gets_the_outcome_once_it_is_decided(
    conn: Connection, settings: Settings, player: Player
) -> None:
    publish(conn, friday())
    player.play("p1")
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(player.result, "p1", "?wait=10")
        drain(settings)
        assert waiting.result()["status"] == "won"


def test_an_outcome_says_when_it_was_decided_and_when_its_coupon_expires(
    conn: Connection, settings: Settings, player: Player
) -> None:
    publish(conn, friday(game={"budgets": [budget("coffee", 1, expires_after_days=2)]}))
    player.play("p1")
    drain(settings)
    result = player.result("p1")
    assert set(result) == {"play_id", "status", "reason", "coupon", "decided_at"}
    assert set(result["coupon"]) == {"code", "brand", "expires_at"}
    validity = datetime.fromisoformat(result["coupon"]["expires_at"]) - datetime.fromisoformat(result["decided_at"])
    assert validity.total_seconds() == pytest.approx(2 * 86_400, abs=60)


@pytest.mark.parametrize("state", ["redeemed", "voided", "expired"])
def test_a_win_is_shown_the_same_whatever_happens_to_its_coupon(
    conn: Connection, settings: Settings, player: Player, state: str
) -> None:
    publish(conn, friday())
    player.play("p1")
    drain(settings)
    before = player.result("p1")
    conn.execute("UPDATE coupon SET state = %s, ended_at = now() WHERE state = 'issued'", (state,))
    conn.commit()
    assert player.result("p1") == before


def test_the_budget_adds_up_for_each_game_and_brand(conn: Connection, settings: Settings, player: Player) -> None:
    reel = friday()["games"][0]
    publish(conn, friday(games=[reel, reel | {"key": "wheel", "budgets": [budget("books", 3)]}]))
    player.play("p1")
    player.play("p2", "bob", game="wheel")
    drain(settings)
    code = player.result("p2")["coupon"]["code"]
    player.client.post(f"/v1/coupons/{code}/redemption", headers=player.headers)
    answer = player.client.get("/v1/campaigns/friday/budget", headers=player.headers)
    rows: list[dict[str, Any]] = answer.get_json()["data"]
    states = ("available", "reserved", "issued", "redeemed", "expired", "voided")
    assert [(row["game"], row["brand"], row["initial"]) for row in rows] == [
        ("reel", "coffee", 10), ("reel", "bikes", 5), ("wheel", "books", 3),
    ]  # fmt: skip
    assert all(row["initial"] == sum(row[state] for state in states) for row in rows)
    assert [rows[2][state] for state in states] == [2, 0, 0, 1, 0, 0]


@pytest.mark.parametrize("body", [{"play_id": "a\x00b", "player": "ada"}, {"play_id": "p1", "player": "ada\x00"}])
def test_ids_with_a_zero_byte_are_refused(conn: Connection, player: Player, body: dict[str, str]) -> None:
    publish(conn, friday())
    assert player.client.post("/v1/games/reel/plays", json=body, headers=player.headers).status_code == 422


def test_the_budget_names_brands_as_people_know_them(conn: Connection, player: Player) -> None:
    """What one game writes, or the brand's own document, names it in every game that writes nothing."""
    first, second = (friday(game={"key": key, "budgets": [budget("zz", 1), budget("acme", 1)]}) for key in ("a", "b"))
    first["games"][0]["budgets"][0]["brand_name"] = "Zed Shop"
    publish(conn, first | {"games": first["games"] + second["games"]}, {"kind": "brand", "key": "acme", "name": "Acme"})
    rows = player.client.get("/v1/campaigns/friday/budget", headers=player.headers).json["data"]
    named = sorted((row["game"], row["brand"], row["brand_name"]) for row in rows)
    assert [name for _, _, name in named] == ["Acme", "Zed Shop"] * 2


@pytest.mark.parametrize("path", ["/v1/plays/a%00b", "/v1/campaigns/a%00b/budget", "/v1/games/a%00b/plays"])
def test_an_address_with_a_zero_byte_is_not_found(player: Player, path: str) -> None:
    send = player.client.post if path.endswith("/plays") else player.client.get
    answer = send(
        path, headers=player.headers, **({"json": {"play_id": "p", "player": "a"}} if "games" in path else {})
    )
    assert answer.status_code in {400, 404, 422}
