"""The pages of rewards: what is left, what waits, handing out, refunds."""

import pytest

from tests.webapp.campaigns.friday_weekend import publish
from tests.webapp.rewards.shop import MUG, SHOP_SCOPES, Shop
from webapp.services.webhooks.send_deliveries import send_some


@pytest.fixture
def redeemed(app, conn, api_key) -> Shop:
    """Ada has redeemed one mug of two."""
    publish(conn, MUG)
    shop = Shop(app, api_key(*SHOP_SCOPES))
    shop.give(250)
    assert shop.redeem().status_code == 201
    return shop


def test_there_is_no_reward_at_first(sign_in):
    assert "No reward yet" in sign_in("viewer").open("/rewards").text


def test_stock_and_pending_redemptions_are_shown(redeemed, sign_in):
    text = sign_in("viewer").open("/rewards").text
    assert "Laurel mug" in text
    assert "Nothing waits" not in text
    assert "Fulfilled" not in text


def test_a_reward_that_nobody_redeemed_says_so(conn, sign_in):
    publish(conn, MUG)
    assert "Nobody has redeemed it yet" in sign_in("viewer").open("/rewards/mug").text


def test_a_redemption_is_handed_out_once(redeemed, sign_in):
    browser = sign_in("publisher")
    browser.send("/rewards/redemptions/1/fulfilment", "/rewards")
    assert "marked as fulfilled" in browser.open("/rewards").text
    assert "fulfilled by" in browser.open("/rewards/mug").text
    assert "Nothing is waiting" in browser.open("/rewards").text


def test_a_refund_returns_the_coins_once(redeemed, sign_in):
    browser = sign_in("publisher")
    assert redeemed.coins() == 150
    browser.send("/rewards/redemptions/1/refund", "/rewards", reason="broken", confirmed="ada")
    browser.send("/rewards/redemptions/1/refund", "/rewards", reason="broken", confirmed="ada")
    assert redeemed.coins() == 250
    assert "Not refunded" in browser.open("/rewards/mug").text


@pytest.fixture
def shop_with_failed_webhook(conn, app, api_key) -> Shop:
    """Ada has redeemed a mug whose server cannot be reached: this machine is no public address."""
    publish(conn, MUG | {"fulfilment": {"by": "webhook", "url": "https://127.0.0.1/laurel"}})
    shop = Shop(app, api_key(*SHOP_SCOPES))
    shop.give(250)
    assert shop.redeem().status_code == 201
    return shop


def test_a_webhook_that_failed_says_why_and_is_sent_again_by_hand(shop_with_failed_webhook, settings, sign_in):
    browser = sign_in("publisher")
    assert "webhook waiting" in browser.open("/rewards").text
    send_some(settings)
    page = browser.open("/rewards/mug").text
    assert "webhook failed after 1 attempt" in page
    assert "private network" in page
    browser.send("/rewards/redemptions/1/delivery", "/rewards")
    page_after = browser.open("/rewards").text
    assert "Webhook queued" in page_after
    assert "webhook waiting" in page_after


@pytest.mark.parametrize("action", ["fulfilment", "refund", "delivery"])
def test_an_author_cannot_hand_out_rewards(redeemed, sign_in, action):
    assert sign_in("author").send(f"/rewards/redemptions/1/{action}", "/rules").status_code == 403


def test_an_unknown_reward_is_not_found(sign_in):
    assert sign_in("viewer").open("/rewards/none").status_code == 404
