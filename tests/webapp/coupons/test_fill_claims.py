"""Coupons that rules grant: claimed with the award, filled from the pool, shown with the event."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.webapp.campaigns.friday_weekend import publish
from tests.webapp.services.drains import drain
from webapp.config import Settings
from webapp.services.coupons.fill_claims import fill_all_claims
from webapp.services.history.verify import verify
from webapp.store.campaigns import pools
from webapp.store.system.connection import Connection

RULES: list[dict[str, Any]] = [
    {"kind": "coupon_pool", "key": "vouchers", "name": "Vouchers", "coupons": {"codes": ["V-1", "V-2"]}},
    {
        "kind": "earning",
        "key": "visit",
        "name": "A voucher for a visit",
        "trigger": {"events": ["visit"]},
        "grant": {"coupon_pool": "vouchers"},
    },
]


@pytest.fixture
def headers(api_key: Callable[..., str]) -> dict[str, str]:
    return {"Authorization": f"Bearer {api_key('events:write', 'players:read')}"}


def test_a_granted_coupon_is_taken_from_its_pool_until_it_is_empty(
    conn: Connection, settings: Settings, client: FlaskClient, headers: dict[str, str]
) -> None:
    publish(conn, *RULES)
    for number in range(3):
        event = {"id": f"e{number}", "type": "visit", "player": f"p{number}"}
        client.post("/v1/events", json=event, headers=headers)
    drain(settings)
    assert claim_of(client, headers, "e0") == {
        "rule": "visit",
        "coupon_pool": "vouchers",
        "status": "queued",
        "code": None,
    }
    assert fill_all_claims(settings) == 3
    claims = [claim_of(client, headers, f"e{number}") for number in range(3)]
    assert sorted((claim["status"], claim["code"] or "") for claim in claims) == [
        ("exhausted", ""),
        ("granted", "V-1"),
        ("granted", "V-2"),
    ]
    assert fill_all_claims(settings) == 0
    assert pools.inconsistent_pools(conn) == []
    assert verify(settings).differences == []


def test_a_claim_on_a_pool_that_never_had_a_coupon_is_exhausted(
    conn: Connection, settings: Settings, client: FlaskClient, headers: dict[str, str]
) -> None:
    publish(conn, {"kind": "coupon_pool", "key": "vouchers", "name": "Vouchers"}, RULES[1])
    client.post("/v1/events", json={"id": "e0", "type": "visit", "player": "ada"}, headers=headers)
    drain(settings)
    fill_all_claims(settings)
    assert claim_of(client, headers, "e0")["status"] == "exhausted"


def claim_of(client: FlaskClient, headers: dict[str, str], event: str) -> Any:
    """The claim in an event's outcome."""
    return client.get(f"/v1/events/{event}", headers=headers).get_json()["outcome"]["claims"][0]
