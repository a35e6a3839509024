"""Providers that give nothing: the winner stays one, other brands are drawn, nothing is left behind."""

from typing import Any

import pytest

from tests.webapp.games.campaigns import Player, budget, drain
from tests.webapp.games.outside import Heard, Outside
from tests.webapp.games.provided import asked, counts, is_sound, later, open_reel
from webapp.config import Settings
from webapp.services.coupons import poll_providers
from webapp.services.coupons.poll_providers import ask_some, tend
from webapp.services.webhooks.send_deliveries import send_some
from webapp.store.campaigns import reservations
from webapp.store.system.connection import Connection


@pytest.mark.parametrize("answer", [(500, {}), (404, {}), (200, {}), (200, {"code": 7}), (200, {"code": "=1+1"}),
                                    (200, b"no json"), (302, {})])  # fmt: skip
def test_a_failure_draws_on_and_the_winner_stays_one(
    conn: Connection, its: Settings, its_player: Player, provider: Outside, answer: tuple[int, Any]
) -> None:
    provider.answer = lambda _heard: answer
    open_reel(conn, asked(provider, priority=1), budget("bikes", 1))
    its_player.play("p1")
    drain(its)
    ask_some(its)
    found = its_player.result("p1")
    assert (found["status"], found["coupon"]["brand"]) == ("won", "bikes")
    assert (counts(conn), counts(conn, "bikes")) == ({"available": 2}, {"issued": 1})
    assert is_sound(conn, its)


def test_the_only_provider_is_asked_again_after_a_pause(
    conn: Connection, its: Settings, its_player: Player, provider: Outside, owner_conn: Connection
) -> None:
    open_reel(conn, asked(provider, count=1))
    good, provider.answer = provider.answer, lambda _heard: (503, {})
    its_player.play("p1")
    drain(its)
    assert (ask_some(its), ask_some(its)) == (1, 0)
    provider.answer = good
    later(owner_conn, 60)
    assert ask_some(its) == 1
    assert its_player.result("p1")["status"] == "won"
    assert [each.told["data"]["reservation"][-2:] for each in provider.heard] == ["-0", "-1"]
    assert is_sound(conn, its)


def test_a_code_that_was_given_before_is_no_code(
    conn: Connection, its: Settings, its_player: Player, provider: Outside
) -> None:
    provider.answer = lambda _heard: (200, {"code": "SAME"})
    open_reel(conn, asked(provider, priority=1), budget("bikes", 1), limits={"wins_per_player": 1})
    for name, who in (("p1", "ada"), ("p2", "bob")):
        its_player.play(name, who)
        drain(its)
        ask_some(its)
    assert its_player.result("p1")["coupon"]["code"] == "SAME"
    assert its_player.result("p2")["coupon"]["brand"] == "bikes"
    assert is_sound(conn, its)


def test_a_winner_whom_nobody_gives_anything_in_time_has_lost_and_the_coupon_is_spread_anew(
    conn: Connection, its: Settings, its_player: Player, provider: Outside, owner_conn: Connection
) -> None:
    provider.answer = lambda _heard: (503, {})
    open_reel(conn, asked(provider, count=1), decide_within_seconds=1, limits={"wins_per_player": 1})
    its_player.play("p1")
    drain(its)
    owner_conn.execute("SELECT pg_sleep(1.1)")
    ask_some(its)
    assert (its_player.result("p1")["status"], its_player.result("p1")["reason"]) == ("lost", "expired")
    assert counts(conn) == {"available": 1}
    assert is_sound(conn, its)
    provider.answer = lambda _heard: (200, {"code": "OUT"})
    its_player.play("p2")
    drain(its)
    ask_some(its)
    assert its_player.result("p2")["coupon"]["code"] == "OUT"


def test_an_asking_that_nobody_answered_is_overdue_and_the_provider_hears_that_it_is_over(
    conn: Connection, its: Settings, its_player: Player, provider: Outside, owner_conn: Connection
) -> None:
    open_reel(conn, asked(provider, priority=1), budget("bikes", 1))
    its_player.play("p1")
    drain(its)
    taken = reservations.take(conn, 8, 10, 10)
    conn.commit()
    later(owner_conn)
    tend(its)
    assert its_player.result("p1")["coupon"]["brand"] == "bikes"
    poll_providers.ask(its, taken[0])
    assert its_player.result("p1")["coupon"]["brand"] == "bikes"
    send_some(its)
    released = provider.heard[-1].told
    assert (released["type"], released["data"]["reservation"]) == ("coupon.released", taken[0].reservation.id)
    assert is_sound(conn, its)


def test_the_draw_on_keeps_the_brands_limits(
    conn: Connection, its: Settings, its_player: Player, provider: Outside
) -> None:
    def answer(_heard: Heard) -> tuple[int, Any]:
        its_player.play("p2")
        drain(its)
        return 503, {}

    bikes = budget("bikes", 5, limits={"wins_per_player": 1})
    open_reel(conn, asked(provider, count=1, priority=1), bikes, budget("fern", 1))
    its_player.play("p1")
    drain(its)
    provider.answer = answer
    ask_some(its)
    brands = {its_player.result(name)["coupon"]["brand"] for name in ("p1", "p2")}
    assert brands == {"bikes", "fern"}
    assert is_sound(conn, its)
