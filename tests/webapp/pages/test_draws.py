"""Draws can be verified on pages: the seed once it is public, and every play with it; nothing of it before."""

import subprocess

import pytest

from tests.webapp.campaigns.friday_weekend import Player, budget, drain, friday, publish
from webapp.services.campaigns.campaign_seeds import seed_of
from webapp.services.campaigns.close_campaign import close_campaign
from webapp.services.campaigns.draw_check import check_draw, shell_command
from webapp.store.campaigns import campaign_rows

PAGE, DRAWS = "/campaigns/friday", "/campaigns/friday/draws"
PLAYS = {f"p{number}": f"player{number % 4}" for number in range(12)}


@pytest.fixture
def played(conn, client, api_key, settings):
    """A dozen plays, of which some won, some lost by the draw, and some lost before one."""
    pacing = {"strategy": "odds", "chance": 0.5}
    limits = {"plays_per_player": 2}
    publish(conn, friday(game={"pacing": pacing, "limits": limits, "budgets": [budget("coffee", 20)]}))
    player = Player(client, api_key("plays:write"))
    for play_id, who in PLAYS.items():
        player.play(play_id, who)
    drain(settings)


def seed(conn, settings) -> str:
    """The campaign's seed, whether public or not."""
    return seed_of(conn, settings, campaign_rows.campaign(conn, "friday")).hex()


def test_the_seed_is_on_no_page_before_the_end_and_on_both_after_it(played, conn, settings, sign_in):
    browser, secret = sign_in("viewer"), seed(conn, settings)
    assert all(secret not in browser.open(page).text for page in (PAGE, DRAWS, f"{DRAWS}?play=default:p1"))
    close_campaign(settings, "friday", "mira")
    assert all(secret in browser.open(page).text for page in (PAGE, DRAWS))


def test_every_play_can_be_checked_and_is_right(played, conn, settings):
    close_campaign(settings, "friday", "mira")
    campaign = campaign_rows.campaign(conn, "friday")
    draws = [check_draw(conn, settings, campaign, f"default:{play_id}") for play_id in PLAYS]
    assert all(draw.is_right for draw in draws)
    assert {"limit_reached"} < {draw.reason for draw in draws} <= {"limit_reached", "won", "no_luck"}


def test_a_rewritten_outcome_is_found(played, conn, owner_conn, settings, sign_in):
    close_campaign(settings, "friday", "mira")
    owner_conn.execute(
        "UPDATE game_log SET content = content || '{\"draw\": 7}' WHERE content->>'reason' <> 'limit_reached'"
    )
    owner_conn.commit()
    browser = sign_in("viewer")
    assert "does not follow from the seed" in browser.open(f"{DRAWS}?play=default:p1").text


@pytest.mark.parametrize("play", ["default:it's", "default:%s $(x) \\n", "default:p-1"])
def test_the_command_derives_the_draw_outside_of_laurel(conn, client, api_key, settings, play):
    publish(conn, friday())
    Player(client, api_key("plays:write")).play(play.removeprefix("default:"))
    drain(settings)
    close_campaign(settings, "friday", "mira")
    draw = check_draw(conn, settings, campaign_rows.campaign(conn, "friday"), play)
    command = shell_command(seed(conn, settings), draw.game, draw.play)
    printed = subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, check=True).stdout
    assert int(printed, 16) == draw.derived == draw.written


def test_a_play_of_another_campaign_is_not_checked_here(played, conn, settings, sign_in):
    close_campaign(settings, "friday", "mira")
    assert "has decided no such play" in sign_in("viewer").open(f"{DRAWS}?play=default:p99").text
