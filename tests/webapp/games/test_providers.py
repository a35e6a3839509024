"""Coupons that an outside provider issues: reserved while it is asked, issued once."""

import time
from concurrent.futures import ThreadPoolExecutor

from tests.webapp.games.campaigns import HOUR, Player, budget, drain, moment
from tests.webapp.games.outside import Outside
from tests.webapp.games.provided import asked, counts, is_sound, open_reel
from webapp.config import Settings
from webapp.services.coupons.poll_providers import ask_some
from webapp.services.plays import settle_reservations
from webapp.store.campaigns import campaign_rows, reservations
from webapp.store.system.connection import Connection

LOCK_SECONDS = 2.0  # for which a session waits for a lock


def test_a_winner_waits_until_the_provider_has_issued(
    conn: Connection, its: Settings, its_player: Player, provider: Outside
) -> None:
    open_reel(conn, asked(provider))
    its_player.play("p1")
    assert drain(its) == 1
    assert its_player.result("p1")["status"] == "queued"
    assert counts(conn) == {"available": 1, "reserved": 1}
    assert is_sound(conn, its)
    assert ask_some(its) == 1
    found = its_player.result("p1")
    assert (found["status"], found["coupon"]["code"]) == (
        "won",
        provider.heard[0].told["data"]["reservation"].join(["OUT-", ""]),
    )
    assert counts(conn) == {"available": 1, "issued": 1}
    assert is_sound(conn, its)


def test_the_provider_hears_who_won_what_and_who_asks(
    conn: Connection, its: Settings, its_player: Player, provider: Outside
) -> None:
    open_reel(conn, asked(provider))
    its_player.play("p1")
    drain(its)
    ask_some(its)
    heard = provider.heard[0]
    told = heard.told["data"]
    assert (told["campaign"], told["game"], told["brand"], told["player"]) == ("friday", "reel", "coffee", "ada")
    assert (told["play_id"], heard.headers["webhook-id"]) == ("p1", told["reservation"])
    assert heard.headers["webhook-signature"].startswith("v1,")


def test_the_same_answer_twice_issues_once(
    conn: Connection, its: Settings, its_player: Player, provider: Outside
) -> None:
    open_reel(conn, asked(provider))
    its_player.play("p1")
    drain(its)
    taken = reservations.take(conn, 8, 10, 10)[0].reservation
    conn.commit()
    assert settle_reservations.issue(conn, taken, "OUT-1")
    conn.commit()
    assert not settle_reservations.issue(conn, taken, "OUT-2")
    assert not settle_reservations.draw_on(conn, its, taken, "late", may_have_issued=True)
    conn.commit()
    assert its_player.result("p1")["coupon"]["code"] == "OUT-1"
    assert is_sound(conn, its)


def test_a_burst_is_asked_for_in_parts_and_no_budget_is_exceeded(
    conn: Connection, its: Settings, its_player: Player, provider: Outside
) -> None:
    open_reel(conn, asked(provider, count=20), budget("bikes", 5), starts_at=moment(-HOUR))
    for number in range(40):
        its_player.play(f"p{number}", f"player-{number}")
    drain(its)
    while ask_some(its):
        pass
    assert (counts(conn), counts(conn, "bikes")) == ({"issued": 20}, {"issued": 5})
    assert is_sound(conn, its)


def test_what_a_provider_issued_is_kept_while_another_works_at_the_game_for_long(
    conn: Connection, its: Settings, its_player: Player, provider: Outside
) -> None:
    open_reel(conn, asked(provider))
    its_player.play("p1")
    drain(its)
    with ThreadPoolExecutor(1) as worker:
        campaign_rows.lock(conn, "reel")
        asking = worker.submit(ask_some, its)
        time.sleep(LOCK_SECONDS + 0.5)
        conn.rollback()
        assert asking.result() == 1
    assert its_player.result("p1")["coupon"]["code"] == "OUT-" + provider.heard[0].told["data"]["reservation"]
    assert len(provider.heard) == 1
    assert is_sound(conn, its)
