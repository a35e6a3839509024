"""Redeeming rewards over HTTP: coins, stock and coupon change together, or nothing does."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask

from tests.webapp.campaigns.friday_weekend import publish
from tests.webapp.rewards.shop import MUG, SHOP_SCOPES, Shop
from webapp.config import Settings
from webapp.services.history.verify import verify
from webapp.services.publishing.publish import apply_documents
from webapp.store.campaigns import pools
from webapp.store.system.connection import Connection


@pytest.fixture
def shop(app: Flask, api_key: Callable[..., str]) -> Shop:
    return Shop(app, api_key(*SHOP_SCOPES))


def test_a_reward_is_redeemed_once_and_answered_the_same_ever_after(conn: Connection, shop: Shop) -> None:
    publish(conn, MUG)
    shop.give(250)
    first = shop.redeem()
    assert first.status_code == 201
    assert (first.get_json()["cost"], first.get_json()["balance"]) == ({"coins": 100}, 150)
    repeated = shop.redeem()
    assert (repeated.status_code, repeated.get_json()) == (200, first.get_json())
    assert shop.coins() == 150
    assert shop.get("redemptions/r1")["status"] == "pending"


@pytest.mark.parametrize(
    ("changed", "coins", "code"),
    [
        ({}, 60, "insufficient_coins"),
        ({"stock": 0}, 500, "out_of_stock"),
        ({"condition": {">=": [{"var": "player.level"}, 9]}}, 500, "not_eligible"),
        ({"starts_at": "2100-01-01T00:00:00Z"}, 500, "not_eligible"),
        ({"fulfilment": {"by": "coupon_pool", "coupon_pool": "empty"}}, 500, "out_of_stock"),
    ],
)
def test_a_refusal_says_why_debits_nothing_and_is_not_kept(
    conn: Connection, shop: Shop, changed: dict[str, Any], coins: int, code: str
) -> None:
    publish(conn, {"kind": "coupon_pool", "key": "empty", "name": "Empty"}, MUG | changed)
    shop.give(coins)
    refused = shop.redeem()
    assert (refused.status_code, refused.get_json()["code"]) == (409, code)
    assert shop.coins() == coins
    publish(conn, MUG | {"stock": 5})
    shop.give(100)
    assert shop.redeem().status_code == 201


def test_it_says_how_many_coins_are_missing(conn: Connection, shop: Shop) -> None:
    publish(conn, MUG)
    shop.give(60)
    assert shop.redeem().get_json()["missing"] == 40


def test_limits_of_a_player_and_id_conflicts_are_refused(conn: Connection, shop: Shop) -> None:
    publish(conn, MUG)
    shop.give(500)
    shop.give(500, "bob")
    shop.redeem()
    assert shop.redeem("r2").get_json()["code"] == "limit_reached"
    assert shop.redeem("r1", "bob").get_json()["code"] == "conflict"
    assert shop.redeem("r3", "nobody").status_code == 404
    assert shop.redeem("r3", reward="none").status_code == 404


def test_a_reward_of_a_coupon_pool_comes_with_its_code(conn: Connection, shop: Shop) -> None:
    pool = {"kind": "coupon_pool", "key": "vouchers", "name": "Vouchers", "coupons": {"codes": ["ONE-1"]}}
    publish(conn, pool, MUG | {"fulfilment": {"by": "coupon_pool", "coupon_pool": "vouchers"}})
    shop.give(100)
    shop.give(100, "bob")
    assert shop.redeem().get_json()["coupon"] == {"code": "ONE-1"}
    assert shop.redeem("r2", "bob").get_json()["code"] == "out_of_stock"
    assert shop.coins("bob") == 100
    assert pools.inconsistent_pools(conn) == []


def test_a_refund_returns_the_coins_and_the_item_once(conn: Connection, settings: Settings, shop: Shop) -> None:
    publish(conn, MUG | {"stock": 1})
    shop.give(100)
    shop.redeem()
    refunded = shop.post("redemptions/r1/refund", reason="it broke")
    assert (refunded.status_code, refunded.get_json()["status"]) == (200, "refunded")
    assert refunded.get_json()["balance"] == shop.coins()
    assert shop.coins() == 100
    assert shop.post("redemptions/r1/refund", reason="again").status_code == 409
    assert shop.redeem("r2").status_code == 201
    reasons = [line["amount"] for line in shop.get("players/ada/ledger")["data"] if line["currency"] == "coins"]
    assert sorted(reasons) == [-100, -100, 100, 100]
    assert verify(settings).differences == []


def test_one_of_a_hundred_redemptions_of_the_last_item_with_the_last_coins_succeeds(
    conn: Connection, settings: Settings, shop: Shop
) -> None:
    publish(conn, MUG | {"stock": 1, "limits": {"per_player": None}})
    for player in ("ada", "bob", "eve"):
        shop.give(100, player)
    with ThreadPoolExecutor(16) as crowd:
        answers = list(crowd.map(lambda n: shop.redeem(f"r{n}", ("ada", "bob", "eve")[n % 3]), range(100)))
    codes = [answer.get_json().get("code") for answer in answers]
    assert [answer.status_code for answer in answers].count(201) == 1
    assert set(codes) - {None} <= {"out_of_stock", "insufficient_coins"}
    assert sum(shop.coins(player) for player in ("ada", "bob", "eve")) == 200
    assert verify(settings).differences == []


def test_the_list_says_what_a_player_may_redeem(conn: Connection, shop: Shop) -> None:
    publish(conn, MUG, MUG | {"key": "pen", "name": "Pen", "cost": {"coins": 5}})
    shop.give(10)
    rows = {row["key"]: row for row in shop.get("rewards?player=ada")["data"]}
    assert (rows["pen"]["redeemable"], rows["pen"]["left"]) == (True, 2)
    assert rows["mug"]["reason"]["code"] == "insufficient_coins"
    assert "redeemable" not in shop.get("rewards")["data"][0]


def test_the_stock_of_a_live_reward_cannot_fall_below_what_was_redeemed(conn: Connection, shop: Shop) -> None:
    publish(conn, MUG)
    shop.give(100)
    shop.redeem()
    applied = apply_documents(conn, [MUG | {"stock": 0}], "mira", publish=True)
    assert [problem.path for problem in applied.problems] == ["/0/stock"]


def test_redeeming_and_refunding_at_once_never_block_each_other(conn: Connection, shop: Shop) -> None:
    codes = {"codes": [f"CODE-{number}" for number in range(80)]}
    pool = {"kind": "coupon_pool", "key": "vouchers", "name": "Vouchers", "coupons": codes}
    publish(
        conn, pool, MUG | {"stock": 80, "limits": None, "fulfilment": {"by": "coupon_pool", "coupon_pool": "vouchers"}}
    )
    people = [f"player{number}" for number in range(8)]
    for player in people:
        shop.give(1000, player)
    assert {shop.redeem(f"old{number}", people[number % 8]).status_code for number in range(32)} == {201}

    def do(number: int) -> int:
        if number % 2:
            return int(shop.post(f"redemptions/old{number // 2}/refund", reason="back").status_code)
        return int(shop.redeem(f"new{number // 2}", people[number % 8]).status_code)

    with ThreadPoolExecutor(8) as crowd:
        assert set(crowd.map(do, range(64))) == {200, 201}
