"""Webhooks of rewards: owed with the redemption, signed, tried again, called off, told of refunds."""

import base64
import hashlib
import hmac
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from tests.outside_server import OutsideServer, ReceivedRequest, outside_server
from tests.webapp.campaigns.friday_weekend import publish
from tests.webapp.rewards.shop import MUG, SHOP_SCOPES, Shop
from webapp.channels import signature
from webapp.config import Settings
from webapp.services.webhooks.send_deliveries import PAUSES, send_some
from webapp.store.campaigns import rewards
from webapp.store.system import webhook_deliveries
from webapp.store.system.connection import Connection


@pytest.fixture
def server() -> Iterator[OutsideServer]:
    with outside_server() as server:
        yield server


@pytest.fixture
def shop(
    conn: Connection,
    outgoing_settings: Settings,
    server: OutsideServer,
    api_key: Callable[..., str],
    app_for: Callable[[Settings], Flask],
) -> Shop:
    """A shop whose mug is handed out by the server outside; ada can pay for two."""
    publish(conn, MUG | {"fulfilment": {"by": "webhook", "url": server.url}, "limits": None})
    shop = Shop(app_for(outgoing_settings), api_key(*SHOP_SCOPES))
    shop.give(250)
    return shop


def now(owner_conn: Connection) -> None:
    """Let every message be due."""
    owner_conn.execute(
        "UPDATE webhook_delivery SET next_at = clock_timestamp() - interval '1 second' WHERE status = 'waiting'"
    )
    owner_conn.commit()


def delivery(shop: Shop, name: str = "r1") -> Any:
    return shop.get(f"redemptions/{name}")["delivery"]


def refund(shop: Shop) -> int:
    return int(shop.post("redemptions/r1/refund", reason="broken").status_code)


def test_a_redemption_is_reported_once_and_then_fulfilled(
    shop: Shop, outgoing_settings: Settings, server: OutsideServer
) -> None:
    assert shop.redeem().status_code == 201
    assert shop.get("redemptions/r1")["status"] == "pending"
    assert (send_some(outgoing_settings), send_some(outgoing_settings)) == (1, 0)
    data = server.requests[0].json
    assert (data["type"], data["data"]["redemption_id"], data["data"]["player"]) == ("redemption.made", "r1", "ada")
    assert shop.get("redemptions/r1")["status"] == "fulfilled"
    assert delivery(shop)["status"] == "delivered"


def test_a_message_is_signed_as_receivers_expect(
    shop: Shop, outgoing_settings: Settings, server: OutsideServer
) -> None:
    shop.redeem()
    send_some(outgoing_settings)
    request = server.requests[0]
    key = base64.b64decode(signature.receiver_secret(outgoing_settings.secret_key, "mug").removeprefix("whsec_"))
    content = f"{request.headers['webhook-id']}.{request.headers['webhook-timestamp']}.".encode() + request.raw
    expected = base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()
    assert request.headers["webhook-signature"] == f"v1,{expected}"


def test_the_signature_is_that_of_the_specification() -> None:
    body, secret = b'{"test": 2432232314}', "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    signed = signature.signature_headers(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)
    assert signed["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_failed_delivery_is_retried_under_the_same_id(
    shop: Shop, outgoing_settings: Settings, server: OutsideServer, owner_conn: Connection
) -> None:
    answers = iter([500, 302, 200])
    server.answer = lambda _heard: (next(answers), {})
    shop.redeem()
    for attempts in (1, 2):
        send_some(outgoing_settings)
        assert (delivery(shop)["status"], delivery(shop)["attempts"]) == ("waiting", attempts)
        assert send_some(outgoing_settings) == 0
        now(owner_conn)
    send_some(outgoing_settings)
    assert delivery(shop)["status"] == "delivered"
    assert len(server.requests) == 3
    assert len({request.headers["webhook-id"] for request in server.requests}) == 1
    assert len({request.raw for request in server.requests}) == 1


def test_a_delivery_is_given_up_after_days_stays_visible_and_can_be_sent_again(
    shop: Shop, outgoing_settings: Settings, server: OutsideServer, owner_conn: Connection
) -> None:
    server.answer = lambda _heard: (503, {})
    shop.redeem()
    for _ in range(len(PAUSES) + 1):
        now(owner_conn)
        send_some(outgoing_settings)
    assert (delivery(shop)["status"], delivery(shop)["answer"]) == ("failed", "the server answered 503")
    assert shop.get("redemptions/r1")["status"] == "pending"
    server.answer = lambda _heard: (204, b"")
    assert shop.post("redemptions/r1/delivery").status_code == 202
    send_some(outgoing_settings)
    assert shop.get("redemptions/r1")["status"] == "fulfilled"
    assert shop.post("redemptions/r1/delivery").status_code == 409


def test_a_server_that_is_gone_is_not_called_again(
    shop: Shop, outgoing_settings: Settings, server: OutsideServer
) -> None:
    server.answer = lambda _heard: (410, {})
    shop.redeem()
    send_some(outgoing_settings)
    assert delivery(shop)["status"] == "failed"


def test_a_refund_before_the_first_attempt_cancels_the_message(
    shop: Shop, outgoing_settings: Settings, server: OutsideServer
) -> None:
    shop.redeem()
    assert refund(shop) == 200
    assert (send_some(outgoing_settings), server.requests) == (0, [])
    assert delivery(shop)["status"] == "cancelled"


@pytest.mark.parametrize("status", [200, 500])
def test_a_server_that_may_have_received_it_is_told_of_the_refund(
    shop: Shop, outgoing_settings: Settings, server: OutsideServer, status: int
) -> None:
    server.answer = lambda _heard: (status, {})
    shop.redeem()
    send_some(outgoing_settings)
    assert refund(shop) == 200
    server.answer = lambda _heard: (200, {})
    send_some(outgoing_settings)
    assert [request.json["type"] for request in server.requests] == ["redemption.made", "redemption.refunded"]
    assert shop.get("redemptions/r1")["status"] == "refunded"
    assert shop.coins() == 250


def test_a_refund_while_the_message_is_being_sent_holds(
    shop: Shop, outgoing_settings: Settings, server: OutsideServer, conn: Connection
) -> None:
    def answer(request: ReceivedRequest) -> tuple[int, Any]:
        if request.json["type"] == "redemption.made":
            assert refund(shop) == 200
        return 200, {}

    server.answer = answer
    shop.redeem()
    send_some(outgoing_settings)
    assert shop.get("redemptions/r1")["status"] == "refunded"
    send_some(outgoing_settings)
    assert [request.json["type"] for request in server.requests] == ["redemption.made", "redemption.refunded"]


def test_a_reward_handed_out_by_hand_sends_no_message(
    shop: Shop, outgoing_settings: Settings, server: OutsideServer, conn: Connection
) -> None:
    shop.redeem()
    number = shop.get("redemptions/r1")["number"]
    rewards.close_redemption(conn, number, "fulfilled", "mira", None)
    conn.commit()
    assert (send_some(outgoing_settings), server.requests) == (1, [])
    assert delivery(shop)["status"] == "cancelled"


def test_a_private_address_is_not_called_unless_that_is_allowed(
    shop: Shop, settings: Settings, server: OutsideServer
) -> None:
    shop.redeem()
    send_some(settings)
    assert server.requests == []
    assert delivery(shop)["status"] == "failed"
    assert "private network" in delivery(shop)["answer"]


def test_two_workers_send_a_message_once(
    shop: Shop, outgoing_settings: Settings, server: OutsideServer, conn: Connection
) -> None:
    shop.redeem()
    assert len(webhook_deliveries.take_due(conn, 8)) == 1
    assert (send_some(outgoing_settings), server.requests) == (0, [])
