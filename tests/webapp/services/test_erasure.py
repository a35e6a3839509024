"""Erasure: afterwards nothing that identifies the player, and nothing that people wrote about it, is in any table."""

import msgspec
import pytest

from tests.webapp.campaigns.friday_weekend import Player, drain, friday, publish
from tests.webapp.rewards.shop import MUG, SHOP_SCOPES, Shop
from tests.webapp.services import drains
from webapp import projections
from webapp.services.pipeline.relay_outbox import relay
from webapp.services.plays.drain_games import drain_old
from webapp.services.rewards.redemptions import refund_redemption

ID, TEXT = "gdpr-me-7731", "Ada's neighbour of 12 Elm Street"
PLAYER = f"players/{ID}"
DAILY = {"kind": "streak", "key": "daily", "name": "Daily", "events": ["*"], "every": "day", "freezes": {"max": 5}}
BROKEN = {"kind": "earning", "key": "broken", "name": "Broken", "trigger": {"events": ["visit"]}, "grant": {"xp": 1}}
BADGE = {"kind": "badge", "key": "friend", "name": "Friend", "trigger": {"events": ["never"]}, "tier": "gold"}


@pytest.fixture
def shop(app, client, conn, settings, api_key, owner_conn):
    """A player about whom there is something in every table that can have anything."""
    publish(conn, DAILY, BROKEN, BADGE, MUG, friday())
    shop = Shop(app, api_key(*SHOP_SCOPES, "coupons:redeem", "plays:write", "leaderboards:read"))
    profile = {"id": ID, "timezone": "Europe/London", "attributes": {"address": TEXT}}
    for number in range(3):
        shop.post("events", id=f"{ID}-{number}", type="visit", player=profile, properties={"note": TEXT})
    drains.drain(settings)
    for coins in (100, 150):
        assert shop.post(f"{PLAYER}/grants", coins=coins, reason=TEXT, id=f"{ID}-{coins}").status_code == 201
    assert shop.post(f"{PLAYER}/grants", badge="friend", reason=TEXT).status_code == 201
    assert shop.post(f"{PLAYER}/revocations", coins=1, reason=TEXT).status_code == 201
    assert shop.post(f"{PLAYER}/streaks/daily/freezes", count=1).status_code == 201
    pause = {"from": "2026-11-28", "to": "2026-11-28"}
    assert shop.post(f"{PLAYER}/streaks/daily/pauses", **pause).status_code in {201, 409}  # 409: it changes nothing
    assert shop.redeem("r1", ID).status_code == 201
    refund_redemption(settings, 1, "mira@campus.example", TEXT)
    Player(client, shop.headers["Authorization"].split()[1]).play("p1", ID)
    drain(settings)
    drain_old(settings)
    relay(settings, 100)
    fault = "INSERT INTO rule_fault (rule, rule_version, seq, detail) SELECT 'broken', 1, max(seq), %s FROM entry"
    owner_conn.execute(fault, (TEXT,))
    owner_conn.commit()
    return shop


def traces(conn, *words):
    """Every table with a row that contains one of these words, as text, as JSON, or within binary content."""
    found = {}
    tables = conn.execute(
        "SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    )
    for (table,) in tables.fetchall():
        for (row,) in conn.execute(f"SELECT t::text FROM {table} t").fetchall():
            hits = [word for word in words if word in row or word.encode().hex() in row]
            if hits:
                found[table] = hits
    return found


def test_the_world_of_this_test_has_traces_everywhere(shop, owner_conn):
    tables = set(traces(owner_conn, ID, TEXT))
    assert {"player", "ledger", "redemption", "rule_fault"} <= tables
    assert any(table.startswith("entry") for table in tables)
    assert "audit_entry" not in tables


def test_after_an_erasure_no_table_has_a_trace_and_every_total_is_true(shop, owner_conn, app, settings):
    projections.rebuild(settings)
    assert app.test_client().delete(f"/v1/{PLAYER}", headers=shop.headers).status_code == 204
    while relay(settings, 100):
        pass  # what waits in the outbox names players, so that their open pages hear of the change
    owner_conn.rollback()
    assert traces(owner_conn, ID, TEXT) == {}
    drains.assert_true_to_the_log(settings)


def test_the_audit_log_still_tells_who_did_what_to_whom_by_number(shop, conn):
    number = conn.execute("SELECT number FROM player WHERE id = %s", (ID,)).fetchone()[0]
    rows = conn.execute("SELECT action, after FROM audit_entry WHERE subject = %s ORDER BY id", (f"player:{number}",))
    changes = dict(rows.fetchall())
    assert changes["revocation"] == {"coins": 1}
    assert changes["grant"] == {"badge": "friend"}
    assert msgspec.json.encode(changes["streak_freeze"])
