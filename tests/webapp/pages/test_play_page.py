"""The hosted play page: for players with a token, in every state a game can be in."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.webapp.campaigns.friday_weekend import HOUR, budget, drain, friday, moment, publish


@pytest.fixture
def play_page(client: FlaskClient, api_key) -> Callable[[str], str]:
    """The address of a player's page, as an app gets it."""
    headers = {"Authorization": f"Bearer {api_key('plays:write')}"}

    def address(player: str = "ada") -> str:
        return client.post("/v1/games/reel/tokens", json={"player": player}, headers=headers).get_json()["url"]

    return address


def at_once(**game):
    """Friday Weekend without a reel, so that outcomes are shown at once."""
    return friday(game={"reel_seconds": 0} | game)


def test_a_game_that_is_open_offers_one_press(conn, client, play_page):
    publish(conn, friday())
    answer = client.get(play_page())
    assert answer.status_code == 200
    assert "15 coupons left, until" in answer.text
    assert 'name="play"' in answer.text
    assert "Rules and odds" in answer.text


def test_the_page_may_be_embedded_by_apps_and_leaks_no_token(conn, client, play_page):
    publish(conn, friday())
    headers = client.get(play_page()).headers
    assert "frame-ancestors *" in headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in headers
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"


def test_nothing_is_said_while_the_reel_turns(conn, client, settings, play_page):
    publish(conn, friday())
    address = play_page()
    assert client.post(address, data={"play": "one"}).status_code == 202
    drain(settings)
    text = client.get(f"{address}&play=one").text
    assert 'data-stage="playing"' in text
    assert "COFFEE-" not in text
    assert "BIKES-" not in text


def test_a_second_press_is_the_same_play(conn, client, settings, play_page):
    publish(conn, at_once())
    address = play_page()
    for _ in range(3):
        client.post(address, data={"play": "one"})
    drain(settings)
    assert conn.execute("SELECT count(*) FROM play").fetchone() == (1,)
    assert 'data-stage="won"' in client.get(f"{address}&play=one").text


def test_the_winner_sees_the_code_again_and_nobody_else_does(conn, client, settings, play_page):
    publish(conn, at_once(budgets=[budget("coffee", 1)]))
    own_page, other_page = play_page("ada"), play_page("grace")
    client.post(own_page, data={"play": "one"})
    drain(settings)
    assert "COFFEE-" in client.get(f"{own_page}&play=one").text
    assert client.get(f"{other_page}&play=one").status_code == 403


def test_a_late_player_is_told_that_all_prizes_are_gone(conn, client, settings, play_page):
    publish(conn, at_once(budgets=[budget("coffee", 1)], answers={"exhausted": "The last cup is drunk"}))
    for player in ("ada", "grace"):
        client.post(play_page(player), data={"play": player})
        drain(settings)
    assert "The last cup is drunk" in client.get(f"{play_page('grace')}&play=grace").text


def test_a_game_to_come_says_when_it_begins(conn, client, play_page):
    publish(conn, friday(game={"starts_at": moment(HOUR), "ends_at": moment(2 * HOUR)}))
    address = play_page()
    text = client.get(address).text
    assert "This game has not started yet" in text
    assert "It starts" in text
    assert client.post(address, data={"play": "one"}).status_code == 409


@pytest.mark.parametrize("token", ["", "forged", "WzEsImFkYSIsInJlZWwiXQ.aaaaaa.bbbbbbbbbbbb"])
def test_without_a_good_token_there_is_nothing(conn, client, token):
    publish(conn, friday())
    assert client.get(f"/play/reel?token={token}").status_code == 401


def test_a_token_opens_only_its_own_game(conn, client, play_page):
    publish(conn, friday())
    assert client.get(play_page().replace("/play/reel", "/play/wheel")).status_code == 403


def test_the_id_of_another_player_s_play_is_replaced_by_a_fresh_one(conn, client, play_page):
    publish(conn, at_once())
    client.post(play_page("bob"), data={"play": "one"})
    answer = client.post(play_page(), data={"play": "one"})
    assert answer.status_code == 409
    assert 'data-stage="ready"' in answer.text
    assert 'value="one"' not in answer.text


@pytest.mark.parametrize("play", ["a%07b", "x" * 200])
def test_an_id_that_no_page_has_written_is_not_a_play(conn, client, play_page, play):
    publish(conn, at_once())
    assert 'data-stage="ready"' in client.get(f"{play_page()}&play={play}").text


def test_a_play_that_took_too_long_may_be_played_once_more(conn, client, settings, play_page):
    publish(conn, at_once(decide_within_seconds=1))
    address = play_page()
    client.post(address, data={"play": "one"})
    conn.execute("UPDATE play SET received_at = received_at - interval '2 seconds'")
    conn.commit()
    drain(settings)
    text = client.get(f"{address}&play=one").text
    assert "The decision took too long" in text
    assert "Play again" in text
