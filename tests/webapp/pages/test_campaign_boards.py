"""The dashboard of a whole campaign and of each of its games: the same parts, over the same rows."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from tests.webapp.campaigns.friday_weekend import HOUR, Player, budget, drain, friday, moment, publish
from webapp.pages.charts.burn_down_chart import PlannedSpend, ShownTime, burn_down_chart

PAGE = "/campaigns/friday"
START = datetime(2026, 12, 4, 18, tzinfo=UTC)


@pytest.fixture
def two_games(conn):
    """A reel that is open, and a wheel that is too, with a brand in both."""
    reel = friday()["games"][0]
    wheel = reel | {"key": "wheel", "name": "Night wheel", "budgets": [budget("books", 7), budget("bikes", 2)]}
    publish(conn, friday() | {"games": [reel, wheel]})


@pytest.fixture
def player(client, api_key):
    return Player(client, api_key("plays:write"))


def cells(text: str, region: str) -> dict[str, str]:
    """The rows of a table by their first cell, as people read them."""
    table = text.partition(f'aria-label="{region}"')[2].partition("</table>")[0]
    rows = [re.sub(r"<[^>]+>|\s+", " ", row).split() for row in table.split("<tr>")[2:]]
    return {row[0]: " ".join(row[1:]) for row in rows}


def test_a_campaign_of_several_games_opens_with_all_of_them(two_games, player, settings, sign_in):
    player.play("p1")
    player.play("p2", "bob", game="wheel")
    drain(settings)
    text = sign_in("viewer").open(PAGE).text
    assert "24 = 22 + 0 + 2 + 0 + 0 + 0" in text
    assert "All 2 games" in text
    assert "/live/campaigns/friday" in text
    assert {"ada", "bob"} <= set(re.findall(r"/players/(\w+)", text))
    games = cells(text, "Budgets by game")
    assert games["Friday"].endswith("15 14 0 1 0 0 0")
    assert games["Night"].endswith("9 8 0 1 0 0 0")


def test_a_brand_of_several_games_is_one_row(two_games, sign_in):
    brands = cells(sign_in("viewer").open(PAGE).text, "Budgets by brand")
    assert brands["coffee"].endswith(" 10 10 0 0 0 0 0")
    assert brands["bikes"].endswith(" 7 7 0 0 0 0 0")
    assert brands["books"].endswith(" 7 7 0 0 0 0 0")


def test_one_game_shows_only_its_own(two_games, player, settings, sign_in):
    player.play("p1", game="wheel")
    drain(settings)
    text = sign_in("viewer").open(f"{PAGE}?game=reel").text
    assert "15 = 15 + 0 + 0 + 0 + 0 + 0" in text
    assert "/live/games/reel" in text
    assert "Budgets by game" not in text
    assert "Nobody has won yet" in text


def test_only_games_are_topped_up_and_only_campaigns_are_paused_and_ended(two_games, sign_in):
    browser = sign_in("publisher")
    campaign_page, game_page = browser.open(PAGE).text, browser.open(f"{PAGE}?game=wheel").text
    assert ("Add coupons" in campaign_page, "Add coupons" in game_page) == (False, True)
    assert "Pause plays" in campaign_page
    assert "End Friday Weekend" in campaign_page


def test_the_plan_of_a_campaign_bends_where_its_games_begin_and_end():
    first_game = PlannedSpend(START, START + HOUR, [(START, 100)])
    second_game = PlannedSpend(START + 2 * HOUR, START + 4 * HOUR, [(START, 100)])
    burn = burn_down_chart(ShownTime(START, START + 4 * HOUR, START + 3 * HOUR), [first_game, second_game], 60, [])
    assert burn.plan == 50
    assert burn.plan_line == "40,10 160,110 280,110 520,210"


def test_the_plan_of_one_game_is_a_straight_line():
    time = ShownTime(START, START + HOUR, START + timedelta(minutes=15))
    burn = burn_down_chart(time, [PlannedSpend(START, START + HOUR, [(START, 80)])], 80, [])
    assert (burn.plan, burn.plan_line) == (60, "40,10 520,210")


def test_the_time_to_an_outcome_is_shown(two_games, player, settings, sign_in):
    browser = sign_in("viewer")
    assert "no plays waiting" in browser.open(PAGE).text
    player.play("p1")
    assert "1 play waits" in browser.open(PAGE).text
    drain(settings)
    assert re.search(r'Play to outcome</dt><dd[^>]*><span class="n">\d+(\.\d)? <small>m?s<', browser.open(PAGE).text)


def test_a_campaign_between_its_games_counts_as_running(conn, sign_in):
    over = friday(game={"starts_at": moment(-3 * HOUR), "ends_at": moment(-2 * HOUR)})["games"][0]
    later = over | {"key": "wheel", "name": "Wheel", "starts_at": moment(HOUR), "ends_at": moment(2 * HOUR)}
    publish(conn, friday() | {"games": [over, later]})
    browser = sign_in("viewer")
    assert "Running" in browser.open(PAGE).text
    assert "Ended" in browser.open(f"{PAGE}?game=reel").text
    assert "Scheduled" in browser.open(f"{PAGE}?game=wheel").text
