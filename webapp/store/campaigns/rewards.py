"""Rewards: the stock of each, and who redeemed what."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from webapp.store.events import shards
from webapp.store.players import player_states
from webapp.store.players.player_states import PlayerRow
from webapp.store.system.arrays import columns, integers
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


class NewRedemption(NamedTuple):
    """A redemption on its way into its table."""

    app_id: int
    redemption_id: str
    reward: str
    version: int
    player_number: int
    coins: int
    balance: int
    fulfilment: str
    status: str
    coupon: int | None


INSERT = """
INSERT INTO redemption (app_id, redemption_id, reward, version, player, coins, balance, fulfilment, status, coupon)
SELECT * FROM unnest(%s::int[], %s::text[], %s::text[], %s::int[], %s::bigint[], %s::bigint[], %s::bigint[],
  %s::text[], %s::text[], %s::bigint[])
ON CONFLICT (app_id, redemption_id) DO NOTHING RETURNING app_id, redemption_id, number, created_at
"""


def insert_redemptions(conn: Connection, new: Iterable[NewRedemption]) -> dict[tuple[int, str], tuple[int, datetime]]:
    """Insert redemptions and return number and moment of each by (app, id); one whose id is taken is left out.

    Other transactions with the same ids are waited for; the order of the ids keeps two that meet from a deadlock.
    """
    rows = sorted(new, key=lambda redemption: redemption[:2])
    return {(row[0], row[1]): (row[2], row[3]) for row in conn.execute(INSERT, tuple(columns(rows)))}


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


def redeemed_counts_of(conn: Connection, players: Iterable[int], rewards: Sequence[str]) -> dict[tuple[int, str], int]:
    """The same for several players and rewards, by both; what was never redeemed is left out."""
    rows = conn.execute(
        "SELECT player, reward, count(*) FROM redemption WHERE player = ANY(%s::bigint[]) AND reward = ANY(%s::text[])"
        " AND status <> 'refunded' GROUP BY 1, 2",
        (integers(players), list(rewards)),
    )
    return {(row[0], row[1]): row[2] for row in rows}


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


def change_taken(conn: Connection, changes: Mapping[str, int]) -> None:
    """Take so many from the stocks of these rewards, or with a negative number put some back."""
    rewards = sorted(changes)
    conn.execute(
        "UPDATE reward_stock s SET taken = taken + t.change FROM unnest(%s::text[], %s::bigint[]) AS t (reward, change)"
        " WHERE s.reward = t.reward",
        (rewards, [changes[reward] for reward in rewards]),
    )


class RedemptionRows(NamedTuple):
    """What redemptions are decided by, read once the shards were locked.

    `last_n` is the newest n by locked shard, `now` the moment in µs. `known` are the redemptions under the requested
    (app, id), `players` the rows by id. `left` is by reward what is left of its stock, which is locked, or None where
    that is unlimited.
    """

    last_n: dict[int, int]
    rulebook: int
    rulebook_at: datetime
    now: int
    known: dict[tuple[int, str], Redemption]
    players: dict[str, PlayerRow]
    left: dict[str, int | None]


LIVE_RULEBOOK = """
SELECT number, created_at, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint
FROM rulebook ORDER BY number DESC LIMIT 1
"""
KNOWN = f"{SHOWN} JOIN unnest(%s::int[], %s::text[]) AS t (app_id, redemption_id) USING (app_id, redemption_id)"
LOCK_STOCKS = "SELECT reward, stock - taken FROM reward_stock WHERE reward = ANY(%s::text[]) ORDER BY reward FOR UPDATE"


def lock_and_read(
    conn: Connection,
    shard_numbers: Iterable[int],
    ids: Iterable[tuple[int, str]],
    players: Iterable[str],
    rewards: Iterable[str],
) -> RedemptionRows:
    """Lock those of these shards that nobody else holds, and the rewards' stocks, and read, in one round trip.

    `ids` are (app, redemption_id). Raises `psycopg.errors.LockNotAvailable` where a stock is locked for too long.
    """
    with conn.pipeline():
        locked = conn.execute(shards.LOCK, (integers(shard_numbers),))
        live = conn.execute(LIVE_RULEBOOK)
        known = conn.execute(KNOWN, tuple(columns(sorted(ids))))
        rows = conn.execute(player_states.LOAD_BY_IDS, (sorted(players),), binary=True)
        left = conn.execute(LOCK_STOCKS, (sorted(rewards),))
        newest = live.fetchone()
        assert newest is not None, "the first rulebook comes with the tables"
        rulebook, rulebook_at, now = newest
        redemptions = [Redemption(*row) for row in known]
        return RedemptionRows(
            dict(locked.fetchall()),
            rulebook,
            rulebook_at,
            now,
            {(redemption.app_id, redemption.redemption_id): redemption for redemption in redemptions},
            {row[1]: PlayerRow(*row) for row in rows},
            dict(left.fetchall()),
        )


def redemption_counts(conn: Connection) -> dict[str, dict[str, int]]:
    """The number of redemptions, by reward and status."""
    counts: dict[str, dict[str, int]] = {}
    for reward, status, count in conn.execute("SELECT reward, status, count(*) FROM redemption GROUP BY 1, 2"):
        counts.setdefault(reward, {})[status] = count
    return counts
