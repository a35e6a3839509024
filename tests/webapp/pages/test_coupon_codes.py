"""Coupon codes are money: pages show them masked, a publisher reveals one at a time, and that is in the audit log."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.webapp.campaigns.friday_weekend import Player, budget, drain, friday, publish
from tests.webapp.rewards.shop import SHOP_SCOPES, Shop
from tests.webapp.services import drains
from webapp.http.access import permission_of
from webapp.services.coupons.code_reveal import HIDDEN, mask
from webapp.services.coupons.fill_claims import fill_all_claims
from webapp.services.pipeline.relay_outbox import relay
from webapp.store.people import audit

POOL = {"kind": "coupon_pool", "key": "vouchers", "name": "Vouchers",
        "coupons": {"generate": {"count": 4, "pattern": "VOUCHER-########"}}}  # fmt: skip
VISIT = {"kind": "earning", "key": "visit", "name": "A voucher for a visit", "trigger": {"events": ["visit"]},
         "grant": {"coupon_pool": "vouchers"}}  # fmt: skip
MUG = {"kind": "reward", "key": "mug", "name": "Mug", "cost": {"coins": 10},
       "fulfilment": {"by": "coupon_pool", "coupon_pool": "vouchers"}}  # fmt: skip


@pytest.fixture
def codes(app, client, conn, settings, api_key):
    """Ada has won a coupon, got one for a visit and bought one; others wait in their pools. All their codes."""
    publish(conn, POOL, VISIT, MUG, friday(game={"budgets": [budget("coffee", 5)]}))
    Player(client, api_key("plays:write")).play("p1", "ada")
    drain(settings)
    shop = Shop(app, api_key(*SHOP_SCOPES))
    shop.post("events", id="e1", type="visit", player="ada")
    drains.drain(settings)
    shop.give(50)
    assert shop.redeem().status_code == 201
    fill_all_claims(settings)
    relay(settings, 100)
    conn.rollback()
    rows = conn.execute("SELECT code, state FROM coupon").fetchall()
    assert [state for _, state in rows].count("issued") == 3
    return [code for code, _ in rows]


def addresses(app):
    """Every page, with the keys of the small world."""
    known = {"game": "reel", "player": "ada", "name": "starter", "number": "1"}
    for rule in app.url_map.iter_rules():
        permission = permission_of(app.view_functions[rule.endpoint])
        if "GET" not in (rule.methods or ()) or permission is None or permission.role is None:
            continue
        for key in ("friday", "mug", "vouchers", "visit"):
            path = rule.rule.replace("<key>", key)
            yield re.sub(r"<(?:\w+:)?(\w+)>", lambda match: known.get(match[1], "1"), path)


@pytest.mark.parametrize("role", ["viewer", "author", "publisher", "admin"])
def test_no_page_shows_a_code(app, codes, conn, sign_in, role):
    """Whatever a page reads, for whatever role; only the export, which is for publishers, has them."""
    browser, shown = sign_in(role), {}
    for received_on, seq in conn.execute("SELECT received_on, seq FROM entry").fetchall():
        shown[f"/events/{received_on}/{seq}"] = browser.client.get(f"/events/{received_on}/{seq}").text
    for address in set(addresses(app)):
        if not address.endswith("/codes.csv"):
            shown[address] = browser.client.get(address).text
    assert len(shown) > 60
    assert HIDDEN in shown["/players/ada"]
    assert {address: code for address, text in shown.items() for code in codes if code in text} == {}


def test_a_publisher_reveals_a_code_and_the_audit_log_says_so(codes, conn, sign_in):
    browser = sign_in("publisher")
    number, code = conn.execute("SELECT id, code FROM coupon WHERE state = 'issued' ORDER BY id LIMIT 1").fetchone()
    page = " ".join(browser.send(f"/coupons/{number}/reveal", "/account").text.split())
    assert f">{code}<" in page
    assert re.search(r"It is issued and belongs to <a [^>]*>\w+</a>\. The audit log records", page)
    (noted,) = [entry for entry in audit.entries(conn) if entry.action == "coupon.reveal"]
    assert (noted.actor, noted.subject, noted.after) == (
        "publisher@campus.example",
        f"coupon:{number}",
        {"code": mask(code)},
    )


@pytest.mark.parametrize("role", ["viewer", "author"])
def test_nobody_below_a_publisher_reveals_a_code(codes, conn, sign_in, role):
    browser = sign_in(role)
    assert browser.send("/coupons/1/reveal", "/account").status_code == 403
    assert browser.client.get("/campaigns/friday/games/reel/codes/codes.csv").status_code == 403
    assert "coupon.reveal" not in {entry.action for entry in audit.entries(conn)}


def test_an_export_of_codes_is_in_the_audit_log(codes, conn, sign_in):
    text = sign_in("publisher").client.get("/campaigns/friday/games/reel/codes/codes.csv").text
    assert any(code in text for code in codes)
    assert [entry.subject for entry in audit.entries(conn) if entry.action == "coupons.export"] == ["reel"]


def test_a_coupon_that_does_not_exist_is_not_revealed(sign_in):
    assert sign_in("publisher").send("/coupons/99/reveal", "/account").status_code == 404


@given(st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=100))
def test_a_masked_code_shows_at_most_a_third_and_its_end(code: str) -> None:
    start, _, end = mask(code).partition(HIDDEN)
    assert len(start) <= min(4, len(code) / 3)
    assert len(end) <= 2
    assert len(code) - len(start) - len(end) >= 2 * len(code) / 3 - 2
