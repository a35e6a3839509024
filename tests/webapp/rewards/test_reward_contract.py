"""What the contract promises of rewards, sentence by sentence, where no other test is about it."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from tests.webapp.campaigns.friday_weekend import publish
from tests.webapp.rewards.shop import MUG, SHOP_SCOPES, Shop
from webapp.config import Settings
from webapp.services.history.verify import verify
from webapp.services.pipeline.apply_batch import DrainConnections
from webapp.services.pipeline.drain_lane import Pace, drain_round
from webapp.services.publishing import publish as publishing
from webapp.store.events import shards
from webapp.store.system.connection import Connection

LESSON: dict[str, Any] = {
    "kind": "earning",
    "key": "coins",
    "name": "Coins for a lesson",
    "trigger": {"events": ["lesson_completed"]},
    "condition": None,
    "grant": {"coins": 100},
}


@pytest.fixture
def shop_of(app: Flask, api_key: Callable[..., str]) -> Callable[..., Shop]:
    """A client that redeems with a fresh key of an app."""
    return lambda app_name="default": Shop(app, api_key(*SHOP_SCOPES, app=app_name))


@pytest.fixture
def shop(shop_of: Callable[..., Shop]) -> Shop:
    return shop_of()


def test_coins_of_events_that_are_not_applied_yet_do_not_count(
    conn: Connection, settings: Settings, shop: Shop
) -> None:
    publish(conn, MUG, LESSON)
    shop.give(1)
    shop.post("events", id="ev-1", type="lesson_completed", player="ada")
    assert shop.redeem().get_json()["missing"] == 99
    with DrainConnections.open(settings) as connections:
        drain_round(connections, shards.ALL, Pace())
    assert shop.redeem().status_code == 201


def test_an_id_of_another_reward_is_a_conflict(conn: Connection, shop: Shop) -> None:
    publish(conn, MUG, MUG | {"key": "pen", "cost": {"coins": 5}})
    shop.give(500)
    shop.redeem()
    answer = shop.redeem(reward="pen")
    assert (answer.status_code, answer.get_json()["code"]) == (409, "conflict")
    assert shop.coins() == 400


def test_ids_of_redemptions_belong_to_the_app_whatever_key_was_used(
    conn: Connection, shop_of: Callable[..., Shop]
) -> None:
    publish(conn, MUG | {"limits": {"per_player": None}})
    first_key, second_key, other_app = shop_of(), shop_of(), shop_of("shop")
    first_key.give(500)
    answers = [shop.redeem().status_code for shop in (first_key, second_key, other_app)]
    assert answers == [201, 200, 201]
    assert first_key.coins() == 300


@pytest.mark.parametrize("then", ["refund", "gone"])
def test_the_first_answer_is_repeated_whatever_happened_since(conn: Connection, shop: Shop, then: str) -> None:
    publish(conn, MUG)
    shop.give(100)
    first = shop.redeem()
    if then == "refund":
        assert shop.post("redemptions/r1/refund", reason="broken").status_code == 200
    else:
        publish(conn, MUG | {"stock": 1, "cost": {"coins": 900}})
    repeated = shop.redeem()
    assert (repeated.status_code, repeated.get_json()) == (200, first.get_json())


def test_a_stock_and_a_limit_of_null_have_no_end(conn: Connection, settings: Settings, shop: Shop) -> None:
    publish(conn, MUG | {"stock": None, "limits": {"per_player": None}})
    shop.give(500)
    assert [shop.redeem(f"r{number}").status_code for number in range(5)] == [201] * 5
    assert shop.redeem("r5").get_json()["code"] == "insufficient_coins"
    assert verify(settings).differences == []


def test_a_refused_redemption_takes_neither_stock_nor_coupon(conn: Connection, shop: Shop) -> None:
    codes = {"kind": "coupon_pool", "key": "vouchers", "name": "Vouchers", "coupons": {"codes": ["ONE-1"]}}
    publish(conn, codes, MUG | {"stock": 1, "fulfilment": {"by": "coupon_pool", "coupon_pool": "vouchers"}})
    shop.give(10)
    assert shop.redeem().status_code == 409
    assert shop.get("rewards")["data"][0]["left"] == 1
    assert conn.execute("SELECT state FROM coupon").fetchall() == [("available",)]


def test_a_paused_reward_is_not_offered_and_not_redeemed(conn: Connection, shop: Shop) -> None:
    publish(conn, MUG)
    shop.give(100)
    publishing.pause(conn, "mug", "mira")
    conn.commit()
    assert shop.get("rewards")["data"] == []
    assert shop.redeem().status_code == 404
    assert shop.coins() == 100


@pytest.mark.parametrize("name", ["r\x001", ""])
def test_an_impossible_id_is_refused(conn: Connection, shop: Shop, name: str) -> None:
    publish(conn, MUG)
    assert shop.redeem(name).status_code == 422
