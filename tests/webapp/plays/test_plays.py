"""Plays over HTTP: accepted once, decided once, told the same for ever."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.webapp.campaigns.friday_weekend import HOUR, Player, budget, drain, friday, moment, publish
from webapp.config import Settings
from webapp.services.publishing import publish as publishing
from webapp.store.campaigns import coupons, pools
from webapp.store.campaigns.inconsistencies import stranded_prizes
from webapp.store.system.connection import Connection


@pytest.fixture
def player(client: FlaskClient, api_key: Callable[..., str]) -> Player:
    return Player(client, api_key("plays:write", "campaigns:read", "coupons:redeem"))


def test_a_play_is_queued_and_then_decided(conn: Connection, settings: Settings, player: Player) -> None:
    publish(conn, friday())
    answer = player.play("p1")
    assert answer.status_code == 202
    assert answer.get_json() == {"play_id": "p1", "status": "queued", "result_url": "/v1/plays/p1"}
    assert player.result("p1")["status"] == "queued"
    drain(settings)
    result = player.result("p1")
    assert (result["status"], result["reason"]) == ("won", "won")
    assert result["coupon"]["code"].startswith(result["coupon"]["brand"].upper())
    assert player.play("p1").get_json()["status"] == "won"
    assert drain(settings) == 0
    assert player.result("p1") == result


def test_the_same_id_for_another_player_or_game_is_a_conflict(conn: Connection, player: Player) -> None:
    second_game = friday()["games"][0] | {"key": "second"}
    publish(conn, friday(games=[friday()["games"][0], second_game]))
    assert player.play("p1").status_code == 202
    for answer in (player.play("p1", "bob"), player.play("p1", game="second")):
        assert (answer.status_code, answer.get_json()["code"]) == (409, "conflict")


@pytest.mark.parametrize(("starts", "ends", "why"), [(HOUR, 2 * HOUR, "has not begun"), (-2 * HOUR, -HOUR, "is over")])
def test_a_game_that_is_not_open_says_so(
    conn: Connection, player: Player, starts: timedelta, ends: timedelta, why: str
) -> None:
    publish(conn, friday(game={"starts_at": moment(starts), "ends_at": moment(ends)}))
    answer = player.play("p1")
    assert (answer.status_code, answer.get_json()["code"]) == (409, "game_not_open")
    assert why in answer.get_json()["detail"]


def test_a_paused_campaign_takes_no_plays_but_decides_those_it_has(
    conn: Connection, settings: Settings, player: Player
) -> None:
    publish(conn, friday())
    player.play("p1")
    publishing.pause(conn, "friday", "mira")
    conn.commit()
    assert player.play("p2").get_json()["code"] == "game_not_open"
    assert player.play("p1").status_code == 202
    drain(settings)
    assert player.result("p1")["status"] == "won"
    publishing.resume(conn, "friday", "mira")
    conn.commit()
    assert player.play("p2").status_code == 202


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"play_id": "", "player": "ada"}, "/play_id"),
        ({"play_id": "p", "player": "a/b"}, "/player"),
        ({"play_id": "p"}, ""),
        ({"play_id": "p", "player": "ada", "luck": 1}, ""),
        ({"play_id": 5, "player": "ada"}, "/play_id"),
    ],
)
def test_an_invalid_play_is_refused_with_its_place(
    conn: Connection, player: Player, body: dict[str, Any], where: str
) -> None:
    publish(conn, friday())
    answer = player.client.post("/v1/games/reel/plays", json=body, headers=player.headers)
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["pointer"].startswith(where)


def test_an_unknown_game_or_play_is_not_found(conn: Connection, player: Player) -> None:
    assert player.play("p1").status_code == 404
    assert player.client.get("/v1/plays/p1", headers=player.headers).status_code == 404


def test_nobody_wins_once_the_budget_is_used_up(conn: Connection, settings: Settings, player: Player) -> None:
    publish(conn, friday(game={"budgets": [budget("coffee", 3)]}))
    for number in range(8):
        player.play(f"p{number}", f"player{number}")
    drain(settings)
    reasons = [player.result(f"p{number}")["reason"] for number in range(8)]
    assert reasons == ["won"] * 3 + ["budget_exhausted"] * 5
    row = player.client.get("/v1/campaigns/friday/budget", headers=player.headers).get_json()["data"][0]
    assert (row["initial"], row["available"], row["issued"]) == (3, 0, 3)


def test_limits_of_the_game_and_across_games_hold(conn: Connection, settings: Settings, player: Player) -> None:
    reel = friday(game={"limits": {"wins_per_player": 1}})["games"][0]
    publish(conn, friday(games=[reel, reel | {"key": "second"}], limits={"plays_per_player": 3}))
    for number, game in enumerate(("reel", "reel", "second", "second")):
        player.play(f"p{number}", game=game)
        drain(settings)
    reasons = [player.result(f"p{number}")["reason"] for number in range(4)]
    assert reasons == ["won", "limit_reached", "won", "limit_reached"]


def test_only_players_who_meet_the_condition_may_win(conn: Connection, settings: Settings, player: Player) -> None:
    publish(conn, friday(condition={"===": [{"var": "player.attributes.plan"}, "pro"]}))
    conn.execute("INSERT INTO player (id, shard) VALUES ('bob', 1)")
    conn.commit()
    player.play("p1", "bob")
    drain(settings)
    assert player.result("p1")["reason"] == "not_eligible"
    content = conn.execute("SELECT content FROM game_log WHERE kind = 'decided'").fetchone()
    assert content is not None
    assert content[0]["facts"] == {"player.attributes.plan": None}


def test_a_play_that_waited_too_long_is_lost_and_stays_lost(
    conn: Connection, settings: Settings, player: Player
) -> None:
    publish(conn, friday(game={"decide_within_seconds": 1}))
    player.play("p1")
    conn.execute("UPDATE play SET received_at = received_at - interval '2 seconds'")
    conn.commit()
    drain(settings)
    assert (player.result("p1")["status"], player.result("p1")["reason"]) == ("lost", "expired")
    assert coupons_of(conn) == {"available": 15}


def test_an_unknown_player_is_created(conn: Connection, player: Player) -> None:
    publish(conn, friday())
    player.play("p1", "somebody new")
    assert conn.execute("SELECT count(*) FROM player WHERE id = 'somebody new'").fetchone() == (1,)


def test_a_coupon_is_used_once(conn: Connection, settings: Settings, player: Player) -> None:
    publish(conn, friday())
    player.play("p1")
    drain(settings)
    code = player.result("p1")["coupon"]["code"]
    use = f"/v1/coupons/{code}/redemption"
    first = player.client.post(use, json={"redemption_id": "till 4"}, headers=player.headers)
    repeated = player.client.post(use, json={"redemption_id": "till 4"}, headers=player.headers)
    without_id = player.client.post(use, headers=player.headers)
    assert (first.status_code, repeated.get_json()) == (200, first.get_json())
    assert (without_id.status_code, without_id.get_json()["code"]) == (409, "already_redeemed")
    assert player.client.post("/v1/coupons/none/redemption", headers=player.headers).status_code == 404


def test_waiting_for_an_outcome_ends_when_time_runs_out(conn: Connection, player: Player) -> None:
    publish(conn, friday())
    player.play("p1")
    assert player.result("p1", "?wait=1")["status"] == "queued"
    assert player.client.get("/v1/plays/p1?wait=long", headers=player.headers).status_code == 422


def test_the_counters_are_those_of_the_rows(conn: Connection, settings: Settings, player: Player) -> None:
    publish(conn, friday())
    for number in range(20):
        player.play(f"p{number}", f"player{number % 7}")
    drain(settings)
    assert pools.inconsistent_pools(conn) == []
    assert stranded_prizes(conn) == []
    assert coupons_of(conn) == {"issued": 15}


def coupons_of(conn: Connection) -> dict[str, int]:
    """How many coupons stand in each state."""
    return dict(conn.execute("SELECT state, count(*) FROM coupon GROUP BY state").fetchall())


def test_coupons_past_their_date_expire(conn: Connection, settings: Settings, player: Player) -> None:
    from webapp.services.coupons.issued_coupons import expire_overdue_coupons

    publish(conn, friday(game={"budgets": [budget("coffee", 2, expires_after_days=1)]}))
    player.play("p1")
    drain(settings)
    assert expire_overdue_coupons(settings) == 0
    conn.execute("UPDATE coupon SET expires_at = now() - interval '1 second' WHERE state = 'issued'")
    conn.commit()
    answer = player.client.post(f"/v1/coupons/{code_of(player)}/redemption", headers=player.headers)
    assert answer.get_json()["code"] == "coupon_expired"
    assert expire_overdue_coupons(settings) == 1
    assert coupons_of(conn) == {"available": 1, "expired": 1}
    assert coupons.by_code(conn, code_of(player)) is not None


def code_of(player: Player) -> str:
    """The code that the first play won."""
    return str(player.result("p1")["coupon"]["code"])
