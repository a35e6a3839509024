"""A game's stock of coupons changes under the game's lock: added, voided, returned. What is left is spread anew."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.coupons import decide_play
from engine.coupons.issue import code_from_pattern
from webapp.config import Settings
from webapp.services.campaigns.campaign_seeds import seed_of
from webapp.store.campaigns import campaign_rows, coupons, pools
from webapp.store.campaigns.campaign_rows import LockedGame
from webapp.store.campaigns.pools import CouponPool
from webapp.store.system.connection import Connection

DRAW_ROUNDS = 20


class NoSuchBudget(LookupError):  # noqa: N818  (whoever asked for it is told)
    """There is no such game, or the brand has no budget in it."""


@dataclass(frozen=True, slots=True)
class StockChange:
    """How many coupons a change of stock added or voided."""

    changed: int


def draw_codes(pattern: str, count: int) -> list[str]:
    """Random codes of a pattern, all different; fewer than `count` where the pattern has hardly any left."""
    drawn: dict[str, None] = {}
    for _ in range(DRAW_ROUNDS):
        drawn.update(dict.fromkeys(code_from_pattern(pattern, secrets.choice) for _ in range(count - len(drawn))))
        if len(drawn) == count:
            break
    return list(drawn)


def make_coupons(conn: Connection, pool: CouponPool, pattern: str, count: int, *, by_document: bool = True) -> int:
    """Add coupons with fresh codes to a pool and return how many were added.

    `by_document` says that the pool's document asks for them; a top-up by hand comes on top of those.
    """
    added = 0
    for _ in range(DRAW_ROUNDS):
        if added == count:
            break
        # Some drawn codes may exist already, in any pool: those are left out, and drawn again.
        added += coupons.add_codes(conn, pool.id, draw_codes(pattern, count - added), generated=by_document)
    return added


def top_up(
    conn: Connection,
    settings: Settings,
    game: str,
    brand: str,
    codes: Sequence[str],
    good_until: Mapping[str, datetime] | None = None,
) -> StockChange:
    """Add coupons with these codes, before the game or while it runs. The caller commits. Raises `NoSuchBudget`."""
    locked, pool = _lock_budget(conn, game, brand)
    added = coupons.add_codes(conn, pool.id, codes, good_until=good_until)
    restock(conn, settings, locked, {brand: added})
    return StockChange(added)


def top_up_by_pattern(conn: Connection, settings: Settings, pool: CouponPool, pattern: str, count: int) -> StockChange:
    """Add coupons of a pattern to a brand's budget, beside those that its document asks for. The caller commits."""
    game, brand = str(pool.game), str(pool.brand)
    locked, pool = _lock_budget(conn, game, brand)
    added = make_coupons(conn, pool, pattern, count, by_document=False)
    restock(conn, settings, locked, {brand: added})
    return StockChange(added)


def make_missing_locked(conn: Connection, settings: Settings, pool: CouponPool, limit: int) -> int:
    """Make coupons that a pool's document asks for and that are missing; returns how many. The caller commits.

    The pool is read again under its lock: two who fill it at once make no more than its document asks for.
    """
    if pool.key is not None:
        current = pools.lock_shared_pool(conn, pool.key) or pool
        return make_missing_coupons(conn, current, limit)
    brand = str(pool.brand)
    locked, current = _lock_budget(conn, str(pool.game), brand)
    added = make_missing_coupons(conn, current, limit)
    restock(conn, settings, locked, {brand: added})
    return added


def make_missing_coupons(conn: Connection, pool: CouponPool, limit: int) -> int:
    """The same for a pool that is locked, or that nobody else sees yet; its game is not restocked."""
    missing = min(limit, wanted_count(pool.document) - pool.generated)
    if missing <= 0:
        return 0
    return make_coupons(conn, pool, pool.document["coupons"]["generate"]["pattern"], missing)


def wanted_count(budget: Mapping[str, Any]) -> int:
    """How many generated coupons the document of a budget or pool asks for."""
    return int(((budget.get("coupons") or {}).get("generate") or {}).get("count") or 0)


def void_available(conn: Connection, settings: Settings, game: str, brand: str, count: int) -> StockChange:
    """Void coupons that nobody has, `count` or all there are. The caller commits. Raises `NoSuchBudget`."""
    locked, pool = _lock_budget(conn, game, brand)
    available = coupons.lock_newest_available(conn, pool.id, count)
    voided = sum(coupons.change_state(conn, available, "available", "voided").values())
    restock(conn, settings, locked, {brand: -voided})
    return StockChange(voided)


def expire_lapsing(conn: Connection, settings: Settings, pool: CouponPool, seconds: int, limit: int) -> int:
    """Let available coupons expire that are good for no more than these seconds. The caller commits."""
    if pool.game is None:
        pools.lock_shared_pool(conn, str(pool.key))
        return _expire_lapsing(conn, pool, seconds, limit)
    locked, pool = _lock_budget(conn, pool.game, str(pool.brand))
    expired = _expire_lapsing(conn, pool, seconds, limit)
    restock(conn, settings, locked, {str(pool.brand): -expired})
    return expired


def _expire_lapsing(conn: Connection, pool: CouponPool, seconds: int, limit: int) -> int:
    lapsing = coupons.lock_lapsing(conn, pool.id, seconds, limit)
    return sum(coupons.change_state(conn, lapsing, "available", "expired").values())


def restock(conn: Connection, settings: Settings, locked: LockedGame, changes: Mapping[str, int]) -> None:
    """Spread what is left over the rest of the game and write it into the game's log; the caller holds the lock."""
    changed = {brand: change for brand, change in changes.items() if change}
    if not changed:
        return
    seed = seed_of(conn, settings, locked.campaign)
    decide_play.replan(locked.game, locked.state, seed, locked.now, changed)
    campaign_rows.save_game(conn, locked, [("restocked", None, {"at": locked.now, "changes": changed})])


def _lock_budget(conn: Connection, game: str, brand: str) -> tuple[LockedGame, CouponPool]:
    locked = campaign_rows.lock_game(conn, game)
    pool = pools.pools_of_game(conn, game).get(brand) if locked else None
    if locked is None or pool is None:
        raise NoSuchBudget(f"{brand} has no budget in the game {game}")
    return locked, pool
