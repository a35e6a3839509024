"""Coupons that an outside provider issues: reserved while it is asked, issued once, drawn on when it fails."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests.webapp.games.campaigns import HOUR, Player, budget, drain, friday, moment, publish
from tests.webapp.games.outside import THIS_MACHINE, Heard, Outside, outside
from webapp import create_app
from webapp.config import Settings
from webapp.jobs.deliveries import send_some
from webapp.jobs.games import providers, settling
from webapp.jobs.games.audit import audit_campaign
from webapp.jobs.games.providers import ask_some, tend
from webapp.store import pools, reservations
from webapp.store.connection import Connection
from webapp.store.stranded import stranded


@pytest.fixture
def server() -> Iterator[Outside]:
    with outside() as it:
        it.answer = lambda heard: (200, {"code": f"OUT-{heard.told['data']['reservation']}"})
        yield it


@pytest.fixture
def its(settings: Settings) -> Settings:
    return replace(settings, webhook_networks=THIS_MACHINE)


@pytest.fixture
def player(its: Settings, api_key: Callable[..., str]) -> Player:
    return Player(create_app(its).test_client(), api_key("plays:write", "campaigns:read"))


def asked(server: Outside, brand: str = "coffee", count: int = 2, **parts: Any) -> dict[str, Any]:
    return budget(brand, count, provider={"url": server.url}, **parts)


def open_reel(conn: Connection, *budgets: dict[str, Any], **game: Any) -> None:
    publish(conn, friday(game={"budgets": list(budgets)} | game))


def counts(conn: Connection, brand: str = "coffee") -> dict[str, int]:
    conn.rollback()
    found = pools.pools_of_game(conn, "reel")[brand].counts()
    return {state: many for state, many in found.items() if many and state != "initial"}


def is_sound(conn: Connection, its: Settings) -> bool:
    """Nothing is stranded, every pool adds up, and every outcome follows from the seed and the log."""
    report = audit_campaign(its, "friday")
    assert report is not None
    assert report.differences == []
    return not stranded(conn) and not pools.broken_pools(conn)


def later(owner_conn: Connection, seconds: int = 3600) -> None:
    """Let every wait of reservations be over."""
    owner_conn.execute(
        "UPDATE reservation SET until = until - make_interval(secs => %s),"
        " asked_until = CASE WHEN asked_until = 'infinity' THEN asked_until"
        " ELSE asked_until - make_interval(secs => %s) END",
        (seconds, seconds),
    )
    owner_conn.commit()


def test_a_winner_waits_until_the_provider_has_issued(
    conn: Connection, its: Settings, player: Player, server: Outside
) -> None:
    open_reel(conn, asked(server))
    player.play("p1")
    assert drain(its) == 1
    assert player.result("p1")["status"] == "queued"
    assert counts(conn) == {"available": 1, "reserved": 1}
    assert is_sound(conn, its)
    assert ask_some(its) == 1
    found = player.result("p1")
    assert (found["status"], found["coupon"]["code"]) == (
        "won",
        server.heard[0].told["data"]["reservation"].join(["OUT-", ""]),
    )
    assert counts(conn) == {"available": 1, "issued": 1}
    assert is_sound(conn, its)


def test_the_provider_hears_who_won_what_and_who_asks(
    conn: Connection, its: Settings, player: Player, server: Outside
) -> None:
    open_reel(conn, asked(server))
    player.play("p1")
    drain(its)
    ask_some(its)
    heard = server.heard[0]
    told = heard.told["data"]
    assert (told["campaign"], told["game"], told["brand"], told["player"]) == ("friday", "reel", "coffee", "ada")
    assert (told["play_id"], heard.headers["webhook-id"]) == ("p1", told["reservation"])
    assert heard.headers["webhook-signature"].startswith("v1,")


@pytest.mark.parametrize("answer", [(500, {}), (404, {}), (200, {}), (200, {"code": 7}), (200, {"code": "=1+1"}),
                                    (200, b"no json"), (302, {})])  # fmt: skip
def test_a_failure_draws_on_and_the_winner_stays_one(
    conn: Connection, its: Settings, player: Player, server: Outside, answer: tuple[int, Any]
) -> None:
    server.answer = lambda _heard: answer
    open_reel(conn, asked(server, priority=1), budget("bikes", 1))
    player.play("p1")
    drain(its)
    ask_some(its)
    found = player.result("p1")
    assert (found["status"], found["coupon"]["brand"]) == ("won", "bikes")
    assert (counts(conn), counts(conn, "bikes")) == ({"available": 2}, {"issued": 1})
    assert is_sound(conn, its)


def test_the_only_provider_is_asked_again_after_a_pause(
    conn: Connection, its: Settings, player: Player, server: Outside, owner_conn: Connection
) -> None:
    open_reel(conn, asked(server, count=1))
    good, server.answer = server.answer, lambda _heard: (503, {})
    player.play("p1")
    drain(its)
    assert (ask_some(its), ask_some(its)) == (1, 0)
    server.answer = good
    later(owner_conn, 60)
    assert ask_some(its) == 1
    assert player.result("p1")["status"] == "won"
    assert [each.told["data"]["reservation"][-2:] for each in server.heard] == ["-0", "-1"]
    assert is_sound(conn, its)


def test_a_code_that_was_given_before_is_no_code(
    conn: Connection, its: Settings, player: Player, server: Outside
) -> None:
    server.answer = lambda _heard: (200, {"code": "SAME"})
    open_reel(conn, asked(server, priority=1), budget("bikes", 1), limits={"wins_per_player": 1})
    for name, who in (("p1", "ada"), ("p2", "bob")):
        player.play(name, who)
        drain(its)
        ask_some(its)
    assert player.result("p1")["coupon"]["code"] == "SAME"
    assert player.result("p2")["coupon"]["brand"] == "bikes"
    assert is_sound(conn, its)


def test_a_winner_whom_nobody_gives_anything_in_time_has_lost_and_the_coupon_is_spread_anew(
    conn: Connection, its: Settings, player: Player, server: Outside, owner_conn: Connection
) -> None:
    server.answer = lambda _heard: (503, {})
    open_reel(conn, asked(server, count=1), decide_within_seconds=1, limits={"wins_per_player": 1})
    player.play("p1")
    drain(its)
    owner_conn.execute("SELECT pg_sleep(1.1)")
    ask_some(its)
    assert (player.result("p1")["status"], player.result("p1")["reason"]) == ("lost", "expired")
    assert counts(conn) == {"available": 1}
    assert is_sound(conn, its)
    server.answer = lambda _heard: (200, {"code": "OUT"})
    player.play("p2")
    drain(its)
    ask_some(its)
    assert player.result("p2")["coupon"]["code"] == "OUT"


def test_an_asking_that_nobody_answered_is_overdue_and_the_provider_hears_that_it_is_over(
    conn: Connection, its: Settings, player: Player, server: Outside, owner_conn: Connection
) -> None:
    open_reel(conn, asked(server, priority=1), budget("bikes", 1))
    player.play("p1")
    drain(its)
    taken = reservations.take(conn, 8, 10, 10)
    conn.commit()
    later(owner_conn)
    tend(its)
    assert player.result("p1")["coupon"]["brand"] == "bikes"
    providers.ask(its, taken[0])
    assert player.result("p1")["coupon"]["brand"] == "bikes"
    send_some(its)
    released = server.heard[-1].told
    assert (released["type"], released["data"]["reservation"]) == ("coupon.released", taken[0].reservation.id)
    assert is_sound(conn, its)


def test_the_draw_on_keeps_the_brands_limits(conn: Connection, its: Settings, player: Player, server: Outside) -> None:
    def answer(_heard: Heard) -> tuple[int, Any]:
        player.play("p2")
        drain(its)
        return 503, {}

    bikes = budget("bikes", 5, limits={"wins_per_player": 1})
    open_reel(conn, asked(server, count=1, priority=1), bikes, budget("fern", 1))
    player.play("p1")
    drain(its)
    server.answer = answer
    ask_some(its)
    brands = {player.result(name)["coupon"]["brand"] for name in ("p1", "p2")}
    assert brands == {"bikes", "fern"}
    assert is_sound(conn, its)


def test_the_same_answer_twice_issues_once(conn: Connection, its: Settings, player: Player, server: Outside) -> None:
    open_reel(conn, asked(server))
    player.play("p1")
    drain(its)
    taken = reservations.take(conn, 8, 10, 10)[0].reservation
    conn.commit()
    assert settling.issue(conn, taken, "OUT-1")
    conn.commit()
    assert not settling.issue(conn, taken, "OUT-2")
    assert not settling.draw_on(conn, its, taken, "late", may_have_issued=True)
    conn.commit()
    assert player.result("p1")["coupon"]["code"] == "OUT-1"
    assert is_sound(conn, its)


def test_a_burst_is_asked_for_in_parts_and_no_budget_is_exceeded(
    conn: Connection, its: Settings, player: Player, server: Outside
) -> None:
    open_reel(conn, asked(server, count=20), budget("bikes", 5), starts_at=moment(-HOUR))
    for number in range(40):
        player.play(f"p{number}", f"player-{number}")
    drain(its)
    while ask_some(its):
        pass
    assert (counts(conn), counts(conn, "bikes")) == ({"issued": 20}, {"issued": 5})
    assert is_sound(conn, its)


def test_a_wrong_brand_in_the_log_is_found_by_the_audit(
    conn: Connection, its: Settings, player: Player, server: Outside, owner_conn: Connection
) -> None:
    server.answer = lambda _heard: (503, {})
    open_reel(conn, asked(server, priority=1), budget("bikes", 1), budget("fern", 1))
    player.play("p1")
    drain(its)
    ask_some(its)
    brand = player.result("p1")["coupon"]["brand"]
    other = {"bikes": "fern", "fern": "bikes"}[brand]
    owner_conn.execute(
        "UPDATE attempt SET content = jsonb_set(content, '{brand}', to_jsonb(%s::text)) WHERE kind = 'redrawn'",
        (other,),
    )
    owner_conn.commit()
    report = audit_campaign(its, "friday")
    assert report is not None
    assert len(report.differences) == 1
    assert f"written {other}, derived {brand}" in report.differences[0]


LEFT_BEHIND = {
    "DELETE FROM reservation": "a coupon is reserved and nobody is asked for it",
    "UPDATE coupon SET state = 'issued' WHERE state = 'reserved'": "a coupon is asked for and is not reserved",
}


@pytest.mark.parametrize("lie", LEFT_BEHIND)
def test_a_coupon_that_is_left_behind_is_found(
    conn: Connection, its: Settings, player: Player, server: Outside, owner_conn: Connection, lie: str
) -> None:
    open_reel(conn, asked(server))
    player.play("p1")
    drain(its)
    owner_conn.execute(lie)
    owner_conn.commit()
    assert LEFT_BEHIND[lie] in {each[0] for each in stranded(conn)}
