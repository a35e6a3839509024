"""Pages call rules by their names, in force or not: no key reaches what people read."""

import re
from html import unescape

import pytest

from tests.webapp.campaigns.friday_weekend import publish
from tests.webapp.rewards.shop import SHOP_SCOPES, Shop
from tests.webapp.services.drains import drain
from webapp.services.campaigns.launch_campaign import fill_coupon_pools
from webapp.services.coupons.fill_claims import fill_all_claims
from webapp.services.pipeline.relay_outbox import relay
from webapp.store.rules import rule_versions

ON_READING = {"trigger": {"events": ["book_read"]}}
RULES = (
    {"kind": "coupon_pool", "key": "zq_pool", "name": "Fern vouchers",
     "coupons": {"generate": {"count": 3, "pattern": "FERN-######"}}},
    {"kind": "badge", "key": "zq_badge", "name": "Night owl", **ON_READING, "grant": {"coupon_pool": "zq_pool"}},
    {"kind": "earning", "key": "zq_earning", "name": "Reading pays", **ON_READING, "grant": {"xp": 20, "coins": 90}},
    {"kind": "boost", "key": "zq_boost", "name": "Double weekend", "multiplier": 2},
    {"kind": "mission", "key": "zq_mission", "name": "Three books", **ON_READING, "goal": {"target": 3},
     "period": "once"},
    {"kind": "metric", "key": "zq_metric", "name": "Books read", "events": ["book_read"], "aggregate": "count"},
    {"kind": "streak", "key": "zq_streak", "name": "Reading days", "events": ["book_read"], "every": "day"},
    {"kind": "segment", "key": "zq_segment", "name": "Readers", "condition": {">": [{"var": "player.xp"}, 0]}},
    {"kind": "leaderboard", "key": "zq_board", "name": "Bookworms", "score": "metric.zq_metric", "window": "week"},
    {"kind": "reward", "key": "zq_reward", "name": "Manager's T-shirt", "cost": {"coins": 30}},
)  # fmt: skip
KEYS = re.compile(r"zq[_ ]\w+")
PAGES = (
    "/", "/events", "/events/1", "/players/ada", "/players/ada/ledger", "/players/ada/timeline", "/leaderboards",
    "/players/ada?rule=zq_badge", "/players/ada?rule=zq_earning", "/players/ada?rule=zq_segment", "/rewards",
    "/leaderboards/zq_board", "/rewards/zq_reward", "/rules/zq_badge/edit?panel=sample", "/rules/zq_badge/review",
    "/rules/zq_board/edit", "/rules/zq_badge/versions", "/rules/zq_badge/edit?panel=history",
)  # fmt: skip


def said(page: str) -> str:
    """What people read of a page: its text and the names of its controls, without code and without keys to edit."""
    page = re.sub(r"<(code|pre|script|datalist)\b.*?</\1>", "", page, flags=re.DOTALL)
    spoken = re.findall(r'\b(?:aria-label|title|placeholder|alt)="([^"]*)"', page)
    return unescape("\n".join([re.sub(r"<[^>]*>", " ", page), *spoken]))


@pytest.fixture
def shop(app, conn, api_key, settings, post) -> Shop:
    """Ada has read a book, which brought her everything that rules can give, and has redeemed a T-shirt."""
    publish(conn, *RULES)
    fill_coupon_pools(settings)
    post("ev-1", "ada", "book_read", pages=300)
    drain(settings)
    fill_all_claims(settings)
    relay(settings, 100)
    shop = Shop(app, api_key(*SHOP_SCOPES))
    assert shop.redeem(reward="zq_reward").status_code == 201
    return shop


def test_no_page_says_the_key_of_a_rule(shop, sign_in):
    browser = sign_in("publisher")
    texts = {page: said(browser.open(page).text) for page in PAGES}
    assert {page: keys for page, text in texts.items() if (keys := KEYS.findall(text))} == {}
    assert [rule["name"] for rule in RULES if rule["name"] not in "".join(texts.values())] == []


def test_what_is_out_of_force_keeps_its_name(shop, conn, sign_in):
    for rule in RULES:
        rule_versions.set_status(conn, rule["key"], "archived", "test")
    rule_versions.write_rulebook(conn)
    conn.commit()
    browser = sign_in("publisher")
    pages = ("/", "/events", "/events/1", "/players/ada", "/players/ada/ledger", "/players/ada/timeline", "/rewards")
    assert {page: keys for page in pages if (keys := KEYS.findall(said(browser.open(page).text)))} == {}
