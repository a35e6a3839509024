"""The hosted play page: for players with a token, in every state a game can be in."""

import hmac
import re
from collections.abc import Callable
from hashlib import sha256

import pytest
from flask.testing import FlaskClient

from tests.webapp.campaigns.friday_weekend import HOUR, budget, drain, friday, moment, publish
from webapp.services.campaigns.close_campaign import close_campaign
from webapp.store.campaigns import coupons


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


def text_of(client, address, play=""):
    """What a page says, in one line."""
    page = client.get(f"{address}&play={play}").text
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def press(client, settings, address, play_id):
    """One press, decided at once."""
    client.post(address, data={"play": play_id})
    drain(settings)


CONDITION = {">=": [{"var": "player.xp"}, 1000]}
IN_VAIN = {
    "all plays": ({"limits": {"plays_per_player": 1}}, {}, "You have reached the limit"),
    "all plays of the day": ({"limits": {"plays_per_player_per_day": 1}}, {}, "You have reached the limit"),
    "all wins": ({"limits": {"wins_per_player": 1}}, {}, "You have reached the limit"),
    "all plays of the campaign": ({}, {"limits": {"plays_per_player": 1}}, "You have reached the limit"),
    "the brand's limit": (
        {"budgets": [budget("coffee", 9, limits={"wins_per_player": 1})]}, {}, "You have reached the limit",
    ),
    "the last coupon": ({"budgets": [budget("coffee", 1)]}, {}, "All prizes are gone"),
    "the condition": ({}, {"condition": CONDITION}, "not open to you"),
}  # fmt: skip


@pytest.mark.parametrize("case", IN_VAIN)
def test_nobody_is_offered_a_play_that_cannot_win(conn, client, settings, play_page, case):
    game, campaign, says = IN_VAIN[case]
    publish(conn, friday(game={"reel_seconds": 0} | game, **campaign))
    address = play_page()
    if case != "the condition":
        assert "data-play" in client.get(address).text
        press(client, settings, address, "one")
    for shown in (client.get(address).text, client.get(f"{address}&play=one").text):
        assert "data-play" not in shown
    assert says in client.get(address).text
    press(client, settings, address, "two")
    reason = conn.execute("SELECT reason FROM play WHERE play_id = 'page:two'").fetchone()[0]
    assert reason in {"limit_reached", "budget_exhausted", "not_eligible"}
    assert "data-play" not in client.get(f"{address}&play=two").text


def test_the_limit_of_a_day_says_when_the_next_begins(conn, client, settings, play_page):
    limits = {"plays_per_player_per_day": 1}
    publish(
        conn, friday(game={"reel_seconds": 0, "limits": limits, "ends_at": moment(72 * HOUR)}, timezone="Asia/Tokyo")
    )
    press(client, settings, play_page(), "one")
    assert re.search(r"You can play again from \d+ \w+, 00:00, Asia/Tokyo time", text_of(client, play_page()))


def test_a_winner_with_turns_left_may_play_again(conn, client, settings, play_page):
    publish(conn, at_once())
    address = play_page()
    press(client, settings, address, "one")
    page = client.get(f"{address}&play=one").text
    assert 'data-stage="won"' in page
    assert "Play again" in page
    assert 'name="play"' not in page


def test_what_was_won_is_still_there_after_a_reload(conn, client, settings, play_page):
    publish(conn, at_once(budgets=[budget("coffee", 2)]))
    for play_id in ("one", "two"):
        press(client, settings, play_page(), play_id)
    codes = {row[0] for row in conn.execute("SELECT code FROM coupon")}
    assert codes == set(re.findall(r"COFFEE-\w{8}", client.get(play_page()).text))
    assert "COFFEE-" not in client.get(play_page("grace")).text


@pytest.mark.parametrize(
    ("state", "says"), [("redeemed", "used"), ("expired", "expired"), ("voided", "no longer valid")]
)
def test_a_coupon_that_cannot_be_used_any_more_says_so(conn, client, settings, play_page, state, says):
    publish(conn, at_once(budgets=[budget("coffee", 1)]))
    press(client, settings, play_page(), "one")
    (coupon,) = conn.execute("SELECT id FROM coupon WHERE state = 'issued'").fetchone()
    coupons.change_state(conn, [coupon], "issued", state)
    conn.commit()
    assert f"coffee {says} COFFEE-" in text_of(client, play_page())


def test_a_coupon_is_not_shown_before_its_reel_ends(conn, client, settings, play_page):
    publish(conn, friday(game={"budgets": [budget("coffee", 1)]}))
    press(client, settings, play_page(), "one")
    assert conn.execute("SELECT status FROM play").fetchone() == ("won",)
    assert "COFFEE-" not in client.get(play_page()).text


def test_the_rules_are_those_of_the_game_in_the_time_of_the_campaign(conn, client, play_page):
    reel = friday(game={"pacing": {"strategy": "odds", "chance": 0.05}})["games"][0]
    wheel = reel | {"key": "wheel", "name": "Night wheel", "budgets": [budget("books", 7777)]}
    publish(conn, friday(games=[reel, wheel], timezone="Europe/London"))
    page = text_of(client, play_page())
    assert "one in 20, 5 %" in page
    assert page.count("Europe/London time") == 2
    assert not re.search(r"UTC|wheel|books|7,?777|10 coupons", page)


def test_players_can_verify_a_draw_once_the_campaign_is_over(conn, client, settings, play_page):
    publish(conn, at_once())
    address = play_page()
    press(client, settings, address, "one")
    assert not re.search("in hexadecimal", text_of(client, address))
    seed = close_campaign(settings, "friday", "mira")
    page = text_of(client, address, play="one")
    assert sha256(bytes.fromhex(seed)).hexdigest() in page
    assert f"in hexadecimal, is {seed}" in page
    ended_at = conn.execute("SELECT ended_at FROM campaign").fetchone()[0]
    assert f"{ended_at:%H:%M}" in re.search("The game is open from .* to (.*) UTC time", page)[1]
    name = re.search(r"This play is called (\S+) \.", page)[1]
    message = f"play\x1freel\x1f{name}".encode()
    draw = int.from_bytes(hmac.digest(bytes.fromhex(seed), message, "sha256")[:8])
    assert conn.execute("SELECT content->'draw' FROM game_log WHERE kind = 'decided'").fetchone() == (draw,)


@pytest.mark.parametrize(
    ("left", "says"), [(1, "1 coupon is still in the pool"), (2, "2 coupons are still in the pool")]
)
def test_what_is_left_is_said_in_good_english(conn, client, settings, play_page, left, says):
    publish(conn, at_once(budgets=[budget("coffee", left)], pacing={"strategy": "odds", "chance": 1e-9}))
    press(client, settings, play_page(), "one")
    assert says in text_of(client, play_page(), play="one")
