"""Coupons that an outside provider issues: reserved while it is asked, issued once."""

import time
from concurrent.futures import ThreadPoolExecutor

from tests.outside_server import OutsideServer
from tests.webapp.campaigns.friday_weekend import HOUR, Player, budget, drain, moment
from tests.webapp.coupons.provider_games import counts, is_sound, open_reel, play_and_request_coupon, provider_budget
from webapp.config import Settings
from webapp.services.coupons import settle_reservation
from webapp.services.coupons.poll_providers import send_provider_requests
from webapp.store.campaigns import campaign_rows, reservations
from webapp.store.system.connection import Connection

LOCK_SECONDS = 2.0  # for which a session waits for a lock


def test_a_winner_waits_until_the_provider_has_issued(
    conn: Connection, outgoing_settings: Settings, provider_player: Player, provider: OutsideServer
) -> None:
    open_reel(conn, provider_budget(provider))
    provider_player.play("p1")
    assert drain(outgoing_settings) == 1
    assert provider_player.result("p1")["status"] == "queued"
    assert counts(conn) == {"available": 1, "reserved": 1}
    assert is_sound(conn, outgoing_settings)
    assert send_provider_requests(outgoing_settings) == 1
    result = provider_player.result("p1")
    assert (result["status"], result["coupon"]["code"]) == (
        "won",
        provider.requests[0].json["data"]["reservation"].join(["OUT-", ""]),
    )
    assert counts(conn) == {"available": 1, "issued": 1}
    assert is_sound(conn, outgoing_settings)


def test_the_provider_receives_who_won_what_and_who_is_asking(
    conn: Connection, outgoing_settings: Settings, provider_player: Player, provider: OutsideServer
) -> None:
    open_reel(conn, provider_budget(provider))
    play_and_request_coupon(provider_player, outgoing_settings)
    request = provider.requests[0]
    data = request.json["data"]
    assert (data["campaign"], data["game"], data["brand"], data["player"]) == ("friday", "reel", "coffee", "ada")
    assert (data["play_id"], request.headers["webhook-id"]) == ("p1", data["reservation"])
    assert request.headers["webhook-signature"].startswith("v1,")


def test_the_same_answer_twice_issues_once(
    conn: Connection, outgoing_settings: Settings, provider_player: Player, provider: OutsideServer
) -> None:
    open_reel(conn, provider_budget(provider))
    provider_player.play("p1")
    drain(outgoing_settings)
    reservation = reservations.claim_due(conn, 8, 10, 10)[0].reservation
    conn.commit()
    assert settle_reservation.issue_coupon(conn, reservation, "OUT-1")
    conn.commit()
    assert not settle_reservation.issue_coupon(conn, reservation, "OUT-2")
    assert not settle_reservation.release_and_redraw(conn, outgoing_settings, reservation, "late", may_have_issued=True)
    conn.commit()
    assert provider_player.result("p1")["coupon"]["code"] == "OUT-1"
    assert is_sound(conn, outgoing_settings)


def test_a_burst_is_requested_in_parts_and_no_budget_is_exceeded(
    conn: Connection, outgoing_settings: Settings, provider_player: Player, provider: OutsideServer
) -> None:
    open_reel(conn, provider_budget(provider, count=20), budget("bikes", 5), starts_at=moment(-HOUR))
    for number in range(40):
        provider_player.play(f"p{number}", f"player-{number}")
    drain(outgoing_settings)
    while send_provider_requests(outgoing_settings):
        pass
    assert (counts(conn), counts(conn, "bikes")) == ({"issued": 20}, {"issued": 5})
    assert is_sound(conn, outgoing_settings)


def test_an_issued_coupon_is_stored_while_another_process_holds_the_game_for_long(
    conn: Connection, outgoing_settings: Settings, provider_player: Player, provider: OutsideServer
) -> None:
    open_reel(conn, provider_budget(provider))
    provider_player.play("p1")
    drain(outgoing_settings)
    with ThreadPoolExecutor(1) as worker:
        campaign_rows.lock_game(conn, "reel")
        asking = worker.submit(send_provider_requests, outgoing_settings)
        time.sleep(LOCK_SECONDS + 0.5)
        conn.rollback()
        assert asking.result() == 1
    assert provider_player.result("p1")["coupon"]["code"] == "OUT-" + provider.requests[0].json["data"]["reservation"]
    assert len(provider.requests) == 1
    assert is_sound(conn, outgoing_settings)
