"""Pools of coupons: the budget of a brand in a game, or a shared pool that rules and rewards draw on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg.types.json import Jsonb

from engine.coupons.issue import STATES, expires_at
from engine.vocabulary.moment import micros_of
from webapp.store.system.connection import Connection


@dataclass(frozen=True, slots=True)
class CouponPool:
    """The coupons of a brand in a game, or of no game (then it has a `key`), counted by state."""

    id: int
    key: str | None
    game: str | None
    brand: str | None
    document: dict[str, Any]
    generated: int
    initial: int
    available: int
    reserved: int
    issued: int
    redeemed: int
    expired: int
    voided: int

    @property
    def is_conserved(self) -> bool:
        """Whether every coupon that was ever added is in some state."""
        return bool(self.initial == sum(getattr(self, state) for state in STATES))

    def counts(self) -> dict[str, int]:
        """`initial` and the count of each state."""
        return {"initial": self.initial, **{state: getattr(self, state) for state in STATES}}

    def coupon_expiry(self, issued_at: int) -> int | None:
        """When a coupon that is issued at a moment expires (µs); None for never."""
        return expires_at(
            issued_at, micros_of(self.document.get("expires_at")), self.document.get("expires_after_days")
        )


COLUMNS = "id, key, game, brand, document, generated, initial, available, reserved, issued, redeemed, expired, voided"


def pools_of_game(conn: Connection, game: str) -> dict[str, CouponPool]:
    """The budgets of a game, by brand."""
    rows = conn.execute(f"SELECT {COLUMNS} FROM coupon_pool WHERE game = %s ORDER BY id", (game,))
    return {str(row[3]): CouponPool(*row) for row in rows}


def pools_of_campaign(conn: Connection, campaign: str) -> list[CouponPool]:
    """The budgets of all games of a campaign."""
    rows = conn.execute(
        f"SELECT {COLUMNS} FROM coupon_pool WHERE game IN (SELECT key FROM game WHERE campaign = %s) ORDER BY id",
        (campaign,),
    )
    return [CouponPool(*row) for row in rows]


def pools_by_campaign(conn: Connection) -> dict[str, list[CouponPool]]:
    """The budgets of every launched campaign, by its key."""
    rows = conn.execute(
        f"SELECT (SELECT campaign FROM game WHERE game.key = coupon_pool.game), {COLUMNS} FROM coupon_pool"
        " WHERE game IS NOT NULL ORDER BY id"
    )
    by_campaign: dict[str, list[CouponPool]] = {}
    for row in rows:
        by_campaign.setdefault(row[0], []).append(CouponPool(*row[1:]))
    return by_campaign


def shared_pool(conn: Connection, key: str) -> CouponPool | None:
    """A pool that belongs to no game; None for an unknown key."""
    row = conn.execute(f"SELECT {COLUMNS} FROM coupon_pool WHERE key = %s", (key,)).fetchone()
    return None if row is None else CouponPool(*row)


def pool_by_id(conn: Connection, number: int) -> CouponPool:
    """A pool by its id."""
    row = conn.execute(f"SELECT {COLUMNS} FROM coupon_pool WHERE id = %s", (number,)).fetchone()
    assert row is not None, "a pool is never deleted"
    return CouponPool(*row)


def lock_shared_pool(conn: Connection, key: str) -> CouponPool | None:
    """The same, locked until the transaction ends."""
    row = conn.execute(f"SELECT {COLUMNS} FROM coupon_pool WHERE key = %s FOR UPDATE", (key,)).fetchone()
    return None if row is None else CouponPool(*row)


def lock_shared_pools(conn: Connection, keys: Sequence[str]) -> dict[str, CouponPool]:
    """The same for several, by key; they are locked in the order of their ids."""
    rows = conn.execute(f"SELECT {COLUMNS} FROM coupon_pool WHERE key = ANY(%s) ORDER BY id FOR UPDATE", (list(keys),))
    return {str(row[1]): CouponPool(*row) for row in rows}


def shared_pools(conn: Connection) -> list[CouponPool]:
    """All pools that belong to no game, by key."""
    return [
        CouponPool(*row)
        for row in conn.execute(f"SELECT {COLUMNS} FROM coupon_pool WHERE key IS NOT NULL ORDER BY key")
    ]


def ensure_game_pool(conn: Connection, game: str, brand: str, document: Mapping[str, Any]) -> CouponPool:
    """The budget of a brand in a game with this document; inserted where it is new."""
    row = conn.execute(
        "INSERT INTO coupon_pool (game, brand, document) VALUES (%s, %s, %s) ON CONFLICT (game, brand)"
        f" DO UPDATE SET document = excluded.document RETURNING {COLUMNS}",
        (game, brand, Jsonb(dict(document))),
    ).fetchone()
    assert row is not None
    return CouponPool(*row)


def ensure_pool(conn: Connection, key: str, brand: str | None, document: Mapping[str, Any]) -> CouponPool:
    """A pool that belongs to no game with this document; inserted where it is new."""
    row = conn.execute(
        "INSERT INTO coupon_pool (key, brand, document) VALUES (%s, %s, %s) ON CONFLICT (key)"
        f" DO UPDATE SET document = excluded.document, brand = excluded.brand RETURNING {COLUMNS}",
        (key, brand, Jsonb(dict(document))),
    ).fetchone()
    assert row is not None
    return CouponPool(*row)


def unfilled_pools(conn: Connection) -> list[CouponPool]:
    """Pools whose documents ask for more generated coupons than there are."""
    rows = conn.execute(
        f"SELECT {COLUMNS} FROM coupon_pool"
        " WHERE generated < (document #>> '{coupons,generate,count}')::bigint ORDER BY id"
    )
    return [CouponPool(*row) for row in rows]


def inconsistent_pools(conn: Connection) -> list[tuple[int, dict[str, int], dict[str, int]]]:
    """Pools whose counters are not those of their coupons: (id, counted, stored). There should be none."""
    rows = conn.execute(
        f"SELECT {COLUMNS}, (SELECT jsonb_object_agg(state, many) FROM"
        " (SELECT state, count(*) AS many FROM coupon WHERE pool = p.id GROUP BY state) AS s)"
        " FROM coupon_pool p"
    )
    inconsistent = []
    for row in rows:
        stored = CouponPool(*row[:-1]).counts()
        by_state = {state: (row[-1] or {}).get(state, 0) for state in STATES}
        counted = {"initial": sum(by_state.values()), **by_state}
        if counted != stored:
            inconsistent.append((row[0], counted, stored))
    return inconsistent
