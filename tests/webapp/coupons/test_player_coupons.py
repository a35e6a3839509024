"""`GET /v1/players/{player}/coupons`: every coupon that a player got, however, and nobody else's."""

from datetime import timedelta

import pytest

from tests.webapp.campaigns.friday_weekend import Player, budget, drain, friday, publish
from webapp.services.coupons.fill_claims import fill_claims
from webapp.store.campaigns import coupons, pools

POOL = {
    "kind": "coupon_pool",
    "key": "books",
    "name": "Books",
    "coupons": {"generate": {"count": 3, "pattern": "BOOK-########"}},
}


@pytest.fixture
def read(client, api_key):
    """What the API answers about a player's coupons: `read("ada", "?limit=1")`."""
    headers = {"Authorization": f"Bearer {api_key('coupons:read')}"}
    return lambda player, query="": client.get(f"/v1/players/{player}/coupons{query}", headers=headers)


@pytest.fixture
def player(client, api_key):
    return Player(client, api_key("plays:write"))


def test_what_was_won_and_what_was_granted_are_listed_newest_first(conn, player, settings, read):
    publish(conn, friday(game={"budgets": [budget("coffee", 9)]}), POOL)
    player.play("p1")
    player.play("p2", "grace")
    drain(settings)
    ada = conn.execute("SELECT number FROM player WHERE id = 'ada'").fetchone()[0]
    conn.execute("INSERT INTO claim (id, pool, player, rule, entry) VALUES ('1:r:0', 'books', %s, 'r', 1)", (ada,))
    fill_claims(conn, "books")
    conn.commit()
    listed = read("ada").json["data"]
    assert {(row["brand"], row["game"], row["coupon_pool"], row["status"]) for row in listed} == {
        ("coffee", "reel", None, "issued"),
        (None, None, "books", "issued"),
    }
    assert {row["code"] for row in listed} == {row[0] for row in conn.execute(
        "SELECT code FROM coupon WHERE player = %s", (ada,))}  # fmt: skip
    pages = [read("ada", "?limit=1").json]
    pages.append(read("ada", f"?limit=1&cursor={pages[0]['next_cursor']}").json)
    assert [page["data"][0]["code"] for page in pages] == [row["code"] for row in listed]
    assert pages[1]["next_cursor"] is None


@pytest.mark.parametrize("state", ["redeemed", "expired", "voided"])
def test_a_coupon_tells_what_became_of_it(conn, player, settings, read, state):
    publish(conn, friday())
    player.play("p1")
    drain(settings)
    (number,) = conn.execute("SELECT id FROM coupon WHERE state = 'issued'").fetchone()
    coupons.change_state(conn, [number], "issued", state)
    conn.commit()
    (row,) = read("ada").json["data"]
    assert (row["status"], row["ended_at"] is None) == (state, False)


def test_a_coupon_whose_time_is_over_is_not_called_issued(conn, player, settings, read):
    publish(conn, friday())
    player.play("p1")
    drain(settings)
    conn.execute(
        "UPDATE coupon SET expires_at = clock_timestamp() - %s WHERE state = 'issued'", (timedelta(seconds=1),)
    )
    conn.commit()
    assert read("ada").json["data"][0]["status"] == "expired"
    assert sum(pool.counts()["issued"] for pool in pools.pools_of_game(conn, "reel").values()) == 1


def test_an_unknown_player_is_not_found(read):
    assert read("nobody").status_code == 404
