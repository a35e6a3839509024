"""`laurel status` and `laurel settle` on prizes: what waits for somebody outside."""

from collections.abc import Callable

import pytest
from click.testing import CliRunner
from flask import Flask

from tests.webapp.campaigns.friday_weekend import Player, budget, drain, friday, publish
from tests.webapp.rewards.shop import MUG, Shop
from webapp.cli import main
from webapp.config import Settings
from webapp.store.system.connection import Connection

AWAY = "http://127.0.0.1:9/away"


@pytest.fixture
def laurel(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Run `laurel` with these words; gives what it says."""
    monkeypatch.setattr(Settings, "from_environment", lambda: settings)
    return lambda *words: CliRunner().invoke(main, list(words)).output


@pytest.fixture
def shop(app: Flask, api_key: Callable[..., str]) -> Shop:
    return Shop(app, api_key("rewards:redeem", "players:read", "players:write", "players:grant", "plays:write"))


def test_wins_that_wait_for_a_provider_are_shown(
    conn: Connection, settings: Settings, shop: Shop, laurel: Callable[..., str]
) -> None:
    assert "0 waiting for a provider" in laurel("status")
    publish(conn, friday(game={"budgets": [budget("coffee", 2, provider={"url": AWAY})]}))
    player = Player(shop.app.test_client(), shop.headers["Authorization"].removeprefix("Bearer "))
    player.play("p1")
    drain(settings)
    assert "1 waiting for a provider" in laurel("status")
    assert "1 wins waiting for a provider's coupon" in laurel("settle", "--timeout", "0")


def test_pending_redemptions_are_shown_by_fulfilment(conn: Connection, shop: Shop, laurel: Callable[..., str]) -> None:
    publish(conn, MUG, MUG | {"key": "pen", "fulfilment": {"by": "webhook", "url": AWAY}})
    shop.give(200)
    shop.redeem()
    shop.redeem("r2", reward="pen")
    assert "1 to be fulfilled by hand, 1 waiting for a webhook" in laurel("status")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ("next_at = clock_timestamp() - interval '1 hour'", "1 due, the oldest for 3600."),
        ("next_at = clock_timestamp() + interval '1 hour'", "1 postponed, 0 given up"),
        ("status = 'failed', closed_at = clock_timestamp()", "0 postponed, 1 given up"),
    ],
)
def test_late_webhooks_are_shown(
    conn: Connection, owner_conn: Connection, shop: Shop, laurel: Callable[..., str], changes: str, expected: str
) -> None:
    publish(conn, MUG | {"fulfilment": {"by": "webhook", "url": AWAY}})
    shop.give(100)
    shop.redeem()
    owner_conn.execute(f"UPDATE webhook_delivery SET {changes}")
    owner_conn.commit()
    assert expected in laurel("status")
