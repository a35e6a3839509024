"""Redemptions that share a transaction: each has its own outcome, and takes nothing that another was given."""

from collections import Counter
from collections.abc import Callable
from threading import Timer
from typing import Any

import psycopg
import pytest
from flask import Flask

from engine.vocabulary.shard import shard_of
from tests.webapp.campaigns.friday_weekend import publish
from tests.webapp.rewards.shop import MUG, SHOP_SCOPES, Shop
from webapp.config import Settings
from webapp.services.history.verify import verify
from webapp.services.pipeline import apply_batch
from webapp.services.pipeline.apply_now import UnknownPlayerError
from webapp.services.rewards.decide_redemption import Redeemed, RedemptionOutcome, RedemptionRequest, RewardNotRedeemed
from webapp.services.rewards.redeem_reward import redeem
from webapp.services.rewards.redemptions import redeem_rewards
from webapp.store.campaigns import pools, rewards
from webapp.store.events import shards
from webapp.store.system.connection import Connection, connect

APP = 1
UNLIMITED = MUG | {"limits": {"per_player": None}}
assert len({shard_of(player) for player in ("ada", "bob", "eve")}) == 3


@pytest.fixture
def shop(app: Flask, api_key: Callable[..., str]) -> Shop:
    return Shop(app, api_key(*SHOP_SCOPES))


def request(name: str, player: str = "ada", reward: str = "mug") -> RedemptionRequest:
    return RedemptionRequest(APP, name, reward, player)


def said(outcome: RedemptionOutcome) -> str:
    """An outcome in a word: `new`, `same`, the code of a refusal, or the name of an error."""
    if isinstance(outcome, Redeemed):
        return "new" if outcome.is_new else "same"
    return outcome.no.code if isinstance(outcome, RewardNotRedeemed) else type(outcome).__name__


def redeem_together(settings: Settings, *requests: RedemptionRequest) -> list[str]:
    return [said(outcome) for outcome in redeem_rewards(settings, requests)]


def test_one_that_is_refused_changes_nothing_for_the_others(conn: Connection, settings: Settings, shop: Shop) -> None:
    publish(conn, MUG)
    for player, coins in (("ada", 100), ("bob", 60), ("eve", 250)):
        shop.give(coins, player)
    outcomes = redeem_together(
        settings,
        request("r1", "bob"),
        request("r2", "ada"),
        request("r3", "nobody"),
        request("r4", "eve", "no_such_reward"),
        request("r5", "eve"),
    )
    assert outcomes == ["insufficient_coins", "new", UnknownPlayerError.__name__, "not_found", "new"]
    assert [shop.coins(player) for player in ("ada", "bob", "eve")] == [0, 60, 150]
    assert verify(settings).differences == []


def test_an_id_that_comes_twice_is_one_redemption(conn: Connection, settings: Settings, shop: Shop) -> None:
    publish(conn, UNLIMITED)
    shop.give(500)
    shop.give(500, "bob")
    first, second, other = redeem_rewards(settings, [request("r1"), request("r1"), request("r1", "bob")])
    assert [said(outcome) for outcome in (first, second, other)] == ["new", "same", "conflict"]
    assert isinstance(first, Redeemed)
    assert isinstance(second, Redeemed)
    assert first.redemption == second.redemption
    assert (shop.coins(), shop.coins("bob")) == (400, 500)


def test_the_first_of_those_who_want_the_last_item_gets_it(conn: Connection, settings: Settings, shop: Shop) -> None:
    publish(conn, UNLIMITED)
    for player in ("ada", "bob", "eve"):
        shop.give(100, player)
    outcomes = redeem_together(settings, *(request(player, player) for player in ("ada", "bob", "eve")))
    assert outcomes == ["new", "new", "out_of_stock"]
    assert rewards.stock_left(conn) == {"mug": 0}
    assert verify(settings).differences == []


def test_a_player_spends_coins_once_and_each_balance_is_what_was_left(
    conn: Connection, settings: Settings, shop: Shop
) -> None:
    publish(conn, UNLIMITED | {"stock": None})
    shop.give(250)
    outcomes = redeem_rewards(settings, [request(f"r{number}") for number in range(3)])
    assert [said(outcome) for outcome in outcomes] == ["new", "new", "insufficient_coins"]
    balances = [outcome.redemption.balance for outcome in outcomes if isinstance(outcome, Redeemed)]
    assert balances == [150, 50]
    assert shop.coins() == 50
    assert verify(settings).differences == []


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"limits": {"per_player": 1}}, "limit_reached"),
        ({"condition": {">=": [{"var": "player.coins"}, 150]}}, "not_eligible"),
    ],
)
def test_a_limit_and_a_condition_see_what_was_redeemed_just_before(
    conn: Connection, settings: Settings, shop: Shop, changed: dict[str, Any], code: str
) -> None:
    publish(conn, UNLIMITED | changed)
    shop.give(249)
    shop.give(200, "bob")
    outcomes = redeem_together(settings, request("r1"), request("r2"), request("r3", "bob"))
    assert outcomes == ["new", code, "new"]


def test_each_gets_a_coupon_of_its_own_until_none_is_left(conn: Connection, settings: Settings, shop: Shop) -> None:
    pool = {"kind": "coupon_pool", "key": "vouchers", "name": "Vouchers", "coupons": {"codes": ["ONE-1", "TWO-2"]}}
    publish(conn, pool, MUG | {"stock": 5, "fulfilment": {"by": "coupon_pool", "coupon_pool": "vouchers"}})
    for player in ("ada", "bob", "eve"):
        shop.give(100, player)
    outcomes = redeem_rewards(settings, [request(player, player) for player in ("ada", "bob", "eve")])
    assert [said(outcome) for outcome in outcomes] == ["new", "new", "out_of_stock"]
    assert [outcome.redemption.code for outcome in outcomes if isinstance(outcome, Redeemed)] == ["ONE-1", "TWO-2"]
    assert (rewards.stock_left(conn), shop.coins("eve")) == ({"mug": 3}, 100)
    assert shop.get("redemptions/ada")["coupon"] == {"code": "ONE-1"}
    assert pools.inconsistent_pools(conn) == []


def test_what_is_answered_at_once_is_what_was_stored(conn: Connection, settings: Settings, shop: Shop) -> None:
    publish(conn, UNLIMITED)
    shop.give(300)
    redeemed, again = (redeem_rewards(settings, [request("r1")])[0] for _ in range(2))
    assert isinstance(redeemed, Redeemed)
    assert isinstance(again, Redeemed)
    assert again.redemption == redeemed.redemption


def test_one_that_fails_leaves_the_others_redeemed(
    conn: Connection, settings: Settings, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(conn, UNLIMITED | {"stock": 5})
    for player in ("ada", "bob", "eve"):
        shop.give(100, player)
    number = conn.execute("SELECT number FROM player WHERE id = 'bob'").fetchone()
    assert number is not None
    fold = apply_batch.fold

    def fail_for_bob(player: Any, *rest: Any) -> Any:
        if player.number == number[0]:
            raise ZeroDivisionError
        return fold(player, *rest)

    monkeypatch.setattr(apply_batch, "fold", fail_for_bob)
    outcomes = redeem_together(settings, *(request(player, player) for player in ("ada", "bob", "eve")))
    assert outcomes == ["new", "ZeroDivisionError", "new"]
    monkeypatch.undo()
    assert [shop.coins(player) for player in ("ada", "bob", "eve")] == [0, 100, 0]
    assert rewards.stock_left(conn) == {"mug": 3}
    assert redeem_together(settings, request("bob", "bob")) == ["new"]
    assert verify(settings).differences == []


@pytest.mark.parametrize("alone", [True, False])
def test_an_id_that_another_transaction_has_just_used_is_a_conflict(
    conn: Connection, settings: Settings, shop: Shop, monkeypatch: pytest.MonkeyPatch, *, alone: bool
) -> None:
    publish(conn, UNLIMITED)
    for player in ("ada", "bob", "eve"):
        shop.give(100, player)
    lock_and_read, quicker = rewards.lock_and_read, [request("r1", "eve")]

    def read_and_be_too_late(*values: Any) -> Any:
        rows = lock_and_read(*values)
        if quicker:
            assert redeem_in_another_transaction(settings, quicker.pop()) == "new"
        return rows

    def redeem_in_another_transaction(settings: Settings, quick: RedemptionRequest) -> str:
        with connect(settings.database_url) as other:
            return said(redeem(other, [quick])[0])

    # Of another reward: the stock of this one is locked.
    publish(conn, UNLIMITED | {"key": "pen"})
    quicker[0] = request("r1", "eve", "pen")
    monkeypatch.setattr(rewards, "lock_and_read", read_and_be_too_late)
    requests = [request("r1")] if alone else [request("r1"), request("r2", "bob")]
    assert redeem_together(settings, *requests) == (["conflict"] if alone else ["conflict", "new"])
    assert [shop.coins(player) for player in ("ada", "bob", "eve")] == [100, 100 if alone else 0, 0]
    assert verify(settings).differences == []


def test_nobody_waits_for_the_shard_of_another(conn: Connection, settings: Settings, shop: Shop) -> None:
    publish(conn, UNLIMITED)
    shop.give(100)
    shop.give(100, "bob")
    with connect(settings.database_url) as other:
        shards.lock(other, shard_of("bob"))
        assert redeem_rewards(settings, [request("r2", "bob"), request("r1")])[0] is None
        assert redeem_together(settings, request("r1")) == ["same"]
        conn.execute("SET lock_timeout = '50ms'")
        late, other_player = redeem(conn, [request("r2", "bob"), request("r3")], waits=True)
        conn.execute("RESET lock_timeout")
    assert isinstance(late, psycopg.errors.LockNotAvailable)
    assert other_player is None


def test_whose_shard_is_locked_is_served_once_it_is_free(conn: Connection, settings: Settings, shop: Shop) -> None:
    publish(conn, UNLIMITED)
    shop.give(100)
    with connect(settings.database_url) as other:
        shards.lock(other, shard_of("ada"))
        timer = Timer(0.1, other.rollback)
        timer.start()
        answer = shop.redeem()
        timer.join()
    assert (answer.status_code, shop.coins()) == (201, 0)


def test_webhooks_are_owed_for_each(conn: Connection, settings: Settings, shop: Shop) -> None:
    publish(conn, UNLIMITED | {"fulfilment": {"by": "webhook", "url": "https://shop.example/fulfil"}})
    shop.give(200)
    assert redeem_together(settings, request("r1"), request("r2")) == ["new", "new"]
    owed = Counter(row[0] for row in conn.execute("SELECT redemption FROM webhook_delivery"))
    assert list(owed.values()) == [1, 1]
