"""Rewards: the stock of each, and who redeemed what."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from webapp.store.system.connection import Connection


@dataclass(frozen=True, slots=True)
class Redemption:
    """One redemption; `balance` is the coins that the player had left."""

    number: int
    app_id: int
    redemption_id: str
    reward: str
    version: int
    player: str | None
    player_number: int
    coins: int
    balance: int
    fulfilment: str
    status: str
    coupon: int | None
    code: str | None
    created_at: datetime
    closed_at: datetime | None
    closed_by: str | None
    note: str | None


SHOWN = """
SELECT r.number, r.app_id, r.redemption_id, r.reward, r.version, l.id, r.player, r.coins, r.balance, r.fulfilment,
  r.status, r.coupon, c.code, r.created_at, r.closed_at, r.closed_by, r.note
FROM redemption r LEFT JOIN player l ON l.number = r.player LEFT JOIN coupon c ON c.id = r.coupon
"""


def redemption_by_id(conn: Connection, app_id: int, redemption_id: str) -> Redemption | None:
    """A redemption by the id that its app chose."""
    row = conn.execute(f"{SHOWN} WHERE r.app_id = %s AND r.redemption_id = %s", (app_id, redemption_id)).fetchone()
    return None if row is None else Redemption(*row)


def redemption_by_number(conn: Connection, number: int) -> Redemption | None:
    """A redemption by its own number."""
    row = conn.execute(f"{SHOWN} WHERE r.number = %s", (number,)).fetchone()
    return None if row is None else Redemption(*row)


def player_redemptions(conn: Connection, player: int, before: int | None, limit: int) -> list[Redemption]:
    """A player's redemptions, newest first."""
    return _page(conn, "r.player = %s", player, before, limit)


def reward_redemptions(conn: Connection, reward: str, before: int | None, limit: int) -> list[Redemption]:
    """The redemptions of a reward, newest first."""
    return _page(conn, "r.reward = %s", reward, before, limit)


def _page(conn: Connection, condition: str, value: object, before: int | None, limit: int) -> list[Redemption]:
    rows = conn.execute(
        f"{SHOWN} WHERE {condition} AND (%s::bigint IS NULL OR r.number < %s) ORDER BY r.number DESC LIMIT %s",
        (value, before, before, limit),
    )
    return [Redemption(*row) for row in rows]


def pending_redemptions(conn: Connection, limit: int) -> list[Redemption]:
    """Redemptions that wait to be fulfilled, oldest first."""
    rows = conn.execute(f"{SHOWN} WHERE r.status = 'pending' ORDER BY r.number LIMIT %s", (limit,))
    return [Redemption(*row) for row in rows]


def insert_redemption(conn: Connection, row: Sequence[object]) -> int:
    """Insert a redemption and return its number.

    The row is (app, id, reward, version, player, coins, balance, fulfilment, status, coupon).
    """
    inserted = conn.execute(
        "INSERT INTO redemption (app_id, redemption_id, reward, version, player, coins, balance, fulfilment, status,"
        " coupon) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING number",
        tuple(row),
    ).fetchone()
    assert inserted is not None
    return int(inserted[0])


def close_redemption(conn: Connection, number: int, status: str, by: str, note: str | None) -> bool:
    """Mark a pending redemption as fulfilled, or an unrefunded one as refunded; false where it cannot be."""
    allowed = ["pending"] if status == "fulfilled" else ["pending", "fulfilled"]
    row = conn.execute(
        "UPDATE redemption SET status = %s, closed_at = clock_timestamp(), closed_by = %s, note = %s"
        " WHERE number = %s AND status = ANY(%s) RETURNING number",
        (status, by, note, number, allowed),
    ).fetchone()
    return row is not None


def redeemed_counts(conn: Connection, player: int) -> dict[str, int]:
    """How often a player redeemed each reward; refunded redemptions do not count."""
    rows = conn.execute(
        "SELECT reward, count(*) FROM redemption WHERE player = %s AND status <> 'refunded' GROUP BY 1", (player,)
    )
    return dict(rows.fetchall())


def live_reward(conn: Connection, reward: str) -> tuple[int, dict[str, Any]] | None:
    """The live version of a reward and its document; None where it is not live."""
    return conn.execute(
        "SELECT v.version, v.document FROM rule_version v WHERE v.key = %s AND v.document->>'kind' = 'reward'"
        " AND v.id = ANY((SELECT members FROM rulebook ORDER BY number DESC LIMIT 1)::bigint[])",
        (reward,),
    ).fetchone()


def set_stock(conn: Connection, reward: str, stock: int | None) -> None:
    """Set how many of a reward there are in all. Raises `CheckViolation` where more are taken already."""
    conn.execute(
        "INSERT INTO reward_stock (reward, stock) VALUES (%s, %s)"
        " ON CONFLICT (reward) DO UPDATE SET stock = excluded.stock",
        (reward, stock),
    )


def taken_count(conn: Connection, reward: str) -> int:
    """How many of a reward are taken."""
    row = conn.execute("SELECT taken FROM reward_stock WHERE reward = %s", (reward,)).fetchone()
    return 0 if row is None else int(row[0])


def lock_stock_left(conn: Connection, reward: str) -> int | None:
    """Lock a reward's stock until the transaction ends and return what is left; None where it is unlimited."""
    row = conn.execute("SELECT stock - taken FROM reward_stock WHERE reward = %s FOR UPDATE", (reward,)).fetchone()
    return None if row is None else row[0]


def stock_left(conn: Connection) -> dict[str, int | None]:
    """What is left of every reward; None where it is unlimited."""
    return dict(conn.execute("SELECT reward, stock - taken FROM reward_stock").fetchall())


def change_taken(conn: Connection, reward: str, change: int = 1) -> None:
    """Take one from a reward's stock, or with -1 put one back."""
    conn.execute("UPDATE reward_stock SET taken = taken + %s WHERE reward = %s", (change, reward))


def redemption_counts(conn: Connection) -> dict[str, dict[str, int]]:
    """The number of redemptions, by reward and status."""
    counts: dict[str, dict[str, int]] = {}
    for reward, status, count in conn.execute("SELECT reward, status, count(*) FROM redemption GROUP BY 1, 2"):
        counts.setdefault(reward, {})[status] = count
    return counts
