"""A game's coupons come and go under its lock: top-up, void, release. What is left is spread anew each time."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.coupons import allocate
from engine.coupons.issue import code
from webapp.config import Settings
from webapp.services.campaigns.campaign_seeds import seed_of
from webapp.store.campaigns import campaign_rows, coupons, pools
from webapp.store.campaigns.campaign_rows import LockedGame
from webapp.store.campaigns.pools import CouponPool
from webapp.store.system.connection import Connection

DRAW_ROUNDS = 20


class NoSuchBudget(LookupError):  # noqa: N818  (told to whoever asked)
    """There is no game of that key, or the brand has no budget in it."""


@dataclass(frozen=True, slots=True)
class StockChange:
    """What a change of stock came to: how many coupons came or went."""

    changed: int


def draw_codes(pattern: str, count: int) -> list[str]:
    """So many codes of a pattern, no two alike."""
    drawn: dict[str, None] = {}
    for _ in range(DRAW_ROUNDS):
        drawn.update(dict.fromkeys(code(pattern, secrets.choice) for _ in range(count - len(drawn))))
        if len(drawn) == count:
            break
    return list(drawn)


def make_coupons(conn: Connection, pool: CouponPool, pattern: str, count: int, *, asked: bool = True) -> int:
    """Add so many coupons with fresh codes to a pool and give how many there are now more.

    `asked` says that the pool's document asks for them; a top-up by hand comes on top of those.
    """
    made = 0
    for _ in range(DRAW_ROUNDS):
        if made == count:
            break
        made += coupons.add_codes(conn, pool.id, draw_codes(pattern, count - made), generated=asked)
    return made


def top_up(conn: Connection, settings: Settings, game: str, brand: str, codes: Sequence[str]) -> StockChange:
    """Add coupons with these codes while the game runs, or before it; the caller commits."""
    held, pool = _hold(conn, game, brand)
    added = coupons.add_codes(conn, pool.id, codes)
    restock(conn, settings, held, {brand: added})
    return StockChange(added)


def top_up_by_pattern(conn: Connection, settings: Settings, pool: CouponPool, pattern: str, count: int) -> StockChange:
    """Add so many coupons of a pattern to a brand's budget, beside those its document asks for. The caller commits."""
    game, brand = str(pool.game), str(pool.brand)
    held, pool = _hold(conn, game, brand)
    added = make_coupons(conn, pool, pattern, count, asked=False)
    restock(conn, settings, held, {brand: added})
    return StockChange(added)


def make_missing_locked(conn: Connection, settings: Settings, pool: CouponPool, most: int) -> int:
    """Make coupons that a pool's document asks for and that are missing, and give how many; the caller commits.

    What is missing is looked up under the lock: two who fill a pool at once make no more than is asked for.
    """
    if pool.key is not None:
        now = pools.lock_shared_pool(conn, pool.key) or pool
        return make_missing_coupons(conn, now, most)
    brand = str(pool.brand)
    held, now = _hold(conn, str(pool.game), brand)
    added = make_missing_coupons(conn, now, most)
    restock(conn, settings, held, {brand: added})
    return added


def make_missing_coupons(conn: Connection, pool: CouponPool, most: int) -> int:
    """The same, of a pool that is locked, or is not seen by anybody yet; its game does not hear of it."""
    missing = min(most, wanted_count(pool.document) - pool.generated)
    return make_coupons(conn, pool, pool.document["coupons"]["generate"]["pattern"], missing) if missing > 0 else 0


def wanted_count(budget: Mapping[str, Any]) -> int:
    """How many coupons the document of a budget or pool wants made."""
    return int(((budget.get("coupons") or {}).get("generate") or {}).get("count") or 0)


def void_available(conn: Connection, settings: Settings, game: str, brand: str, count: int) -> StockChange:
    """Take so many coupons that nobody has out of the game, or all there are; the caller commits."""
    held, pool = _hold(conn, game, brand)
    gone = sum(
        coupons.change_state(conn, coupons.lock_newest_available(conn, pool.id, count), "available", "voided").values()
    )
    restock(conn, settings, held, {brand: -gone})
    return StockChange(gone)


def restock(conn: Connection, settings: Settings, held: LockedGame, changes: Mapping[str, int]) -> None:
    """Spread what is left anew and write it into the game's log; the caller holds the lock."""
    real = {brand: change for brand, change in changes.items() if change}
    if not real:
        return
    seed = seed_of(conn, settings, held.campaign)
    allocate.restock(held.game, held.stand, seed, held.now, real)
    campaign_rows.save_game(conn, held, [("restocked", None, {"at": held.now, "changes": real})])


def _hold(conn: Connection, game: str, brand: str) -> tuple[LockedGame, CouponPool]:
    held = campaign_rows.lock_game(conn, game)
    pool = pools.pools_of_game(conn, game).get(brand) if held else None
    if held is None or pool is None:
        raise NoSuchBudget(f"{brand} has no budget in the game {game}")
    return held, pool
