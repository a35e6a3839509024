"""Providers that give nothing: the winner stays one, other brands are drawn, nothing is left behind."""

from typing import Any

import pytest

from tests.outside_server import OutsideServer, ReceivedRequest
from tests.webapp.campaigns.friday_weekend import Player, budget, drain
from tests.webapp.coupons.provider_games import (
    counts,
    is_sound,
    later,
    open_reel,
    play_and_request_coupon,
    provider_budget,
)
from webapp.config import Settings
from webapp.services.coupons import poll_providers
from webapp.services.coupons.poll_providers import send_provider_requests
from webapp.services.webhooks.send_deliveries import send_some
from webapp.store.campaigns import reservations
from webapp.store.system.connection import Connection


@pytest.mark.parametrize("answer", [(500, {}), (404, {}), (200, {}), (200, {"code": 7}), (200, {"code": "=1+1"}),
                                    (200, b"no json"), (302, {})])  # fmt: skip
def test_a_failure_draws_another_brand_and_the_winner_stays_a_winner(
    conn: Connection,
    outgoing_settings: Settings,
    provider_player: Player,
    provider: OutsideServer,
    answer: tuple[int, Any],
) -> None:
    provider.answer = lambda _heard: answer
    open_reel(conn, provider_budget(provider, priority=1), budget("bikes", 1))
    play_and_request_coupon(provider_player, outgoing_settings)
    result = provider_player.result("p1")
    assert (result["status"], result["coupon"]["brand"]) == ("won", "bikes")
    assert (counts(conn), counts(conn, "bikes")) == ({"available": 2}, {"issued": 1})
    assert is_sound(conn, outgoing_settings)


def test_the_only_provider_is_called_again_after_a_pause(
    conn: Connection,
    outgoing_settings: Settings,
    provider_player: Player,
    provider: OutsideServer,
    owner_conn: Connection,
) -> None:
    open_reel(conn, provider_budget(provider, count=1))
    good, provider.answer = provider.answer, lambda _heard: (503, {})
    provider_player.play("p1")
    drain(outgoing_settings)
    assert (send_provider_requests(outgoing_settings), send_provider_requests(outgoing_settings)) == (1, 0)
    provider.answer = good
    later(owner_conn, 60)
    assert send_provider_requests(outgoing_settings) == 1
    assert provider_player.result("p1")["status"] == "won"
    assert [request.json["data"]["reservation"][-2:] for request in provider.requests] == ["-0", "-1"]
    assert is_sound(conn, outgoing_settings)


def test_a_code_issued_before_is_not_accepted(
    conn: Connection, outgoing_settings: Settings, provider_player: Player, provider: OutsideServer
) -> None:
    provider.answer = lambda _heard: (200, {"code": "SAME"})
    open_reel(conn, provider_budget(provider, priority=1), budget("bikes", 1), limits={"wins_per_player": 1})
    for name, who in (("p1", "ada"), ("p2", "bob")):
        play_and_request_coupon(provider_player, outgoing_settings, name, who)
    assert provider_player.result("p1")["coupon"]["code"] == "SAME"
    assert provider_player.result("p2")["coupon"]["brand"] == "bikes"
    assert is_sound(conn, outgoing_settings)


def test_a_winner_without_a_coupon_in_time_loses_and_the_coupon_is_paced_anew(
    conn: Connection,
    outgoing_settings: Settings,
    provider_player: Player,
    provider: OutsideServer,
    owner_conn: Connection,
) -> None:
    provider.answer = lambda _heard: (503, {})
    open_reel(conn, provider_budget(provider, count=1), decide_within_seconds=1, limits={"wins_per_player": 1})
    provider_player.play("p1")
    drain(outgoing_settings)
    owner_conn.execute("SELECT pg_sleep(1.1)")
    send_provider_requests(outgoing_settings)
    assert (provider_player.result("p1")["status"], provider_player.result("p1")["reason"]) == ("lost", "expired")
    assert counts(conn) == {"available": 1}
    assert is_sound(conn, outgoing_settings)
    provider.answer = lambda _heard: (200, {"code": "OUT"})
    play_and_request_coupon(provider_player, outgoing_settings, "p2")
    assert provider_player.result("p2")["coupon"]["code"] == "OUT"


def test_an_unanswered_request_is_overdue_and_the_provider_is_told_it_is_over(
    conn: Connection,
    outgoing_settings: Settings,
    provider_player: Player,
    provider: OutsideServer,
    owner_conn: Connection,
) -> None:
    open_reel(conn, provider_budget(provider, priority=1), budget("bikes", 1))
    provider_player.play("p1")
    drain(outgoing_settings)
    claimed = reservations.claim_due(conn, 8, 10, 10)
    conn.commit()
    later(owner_conn)
    poll_providers.poll_providers(outgoing_settings)
    assert provider_player.result("p1")["coupon"]["brand"] == "bikes"
    poll_providers.send_provider_request(outgoing_settings, claimed[0])
    assert provider_player.result("p1")["coupon"]["brand"] == "bikes"
    send_some(outgoing_settings)
    released = provider.requests[-1].json
    assert (released["type"], released["data"]["reservation"]) == ("coupon.released", claimed[0].reservation.id)
    assert is_sound(conn, outgoing_settings)


def test_a_redraw_respects_the_limits_of_brands(
    conn: Connection, outgoing_settings: Settings, provider_player: Player, provider: OutsideServer
) -> None:
    def answer(_request: ReceivedRequest) -> tuple[int, Any]:
        provider_player.play("p2")
        drain(outgoing_settings)
        return 503, {}

    bikes = budget("bikes", 5, limits={"wins_per_player": 1})
    open_reel(conn, provider_budget(provider, count=1, priority=1), bikes, budget("fern", 1))
    provider_player.play("p1")
    drain(outgoing_settings)
    provider.answer = answer
    send_provider_requests(outgoing_settings)
    brands = {provider_player.result(name)["coupon"]["brand"] for name in ("p1", "p2")}
    assert brands == {"bikes", "fern"}
    assert is_sound(conn, outgoing_settings)
