"""A game's coupons come and go under its lock: top-up, void, release. What is left is spread anew each time."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.coupons import allocate
from engine.coupons.issue import code
from webapp.config import Settings
from webapp.jobs.games.seeds import seed_of
from webapp.store import campaigns, coupons, pools
from webapp.store.campaigns import Held
from webapp.store.connection import Connection
from webapp.store.pools import Pool

DRAW_ROUNDS = 20


class NoSuchGame(LookupError):  # noqa: N818  (told to whoever asked)
    """There is no game of that key, or the brand has no budget in it."""


@dataclass(frozen=True, slots=True)
class Stocked:
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


def make(conn: Connection, pool: Pool, pattern: str, count: int, *, asked: bool = True) -> int:
    """Add so many coupons with fresh codes to a pool and give how many there are now more.

    `asked` says that the pool's document asks for them; a top-up by hand comes on top of those.
    """
    made = 0
    for _ in range(DRAW_ROUNDS):
        if made == count:
            break
        made += coupons.add(conn, pool.id, draw_codes(pattern, count - made), made=asked)
    return made


def top_up(conn: Connection, settings: Settings, game: str, brand: str, codes: Sequence[str]) -> Stocked:
    """Add coupons with these codes while the game runs, or before it; the caller commits."""
    held, pool = _hold(conn, game, brand)
    added = coupons.add(conn, pool.id, codes)
    restock(conn, settings, held, {brand: added})
    return Stocked(added)


def make_more(conn: Connection, settings: Settings, pool: Pool, pattern: str, count: int, *, asked: bool) -> Stocked:
    """Add so many coupons of a pattern to a brand's budget; the caller commits."""
    game, brand = str(pool.game), str(pool.brand)
    held, pool = _hold(conn, game, brand)
    added = make(conn, pool, pattern, count, asked=asked)
    restock(conn, settings, held, {brand: added})
    return Stocked(added)


def void(conn: Connection, settings: Settings, game: str, brand: str, count: int) -> Stocked:
    """Take so many coupons that nobody has out of the game, or all there are; the caller commits."""
    held, pool = _hold(conn, game, brand)
    gone = sum(coupons.move(conn, coupons.available_ids(conn, pool.id, count), "available", "voided").values())
    restock(conn, settings, held, {brand: -gone})
    return Stocked(gone)


def restock(conn: Connection, settings: Settings, held: Held, changes: Mapping[str, int]) -> None:
    """Spread what is left anew and write it into the game's log; the caller holds the lock."""
    real = {brand: change for brand, change in changes.items() if change}
    if not real:
        return
    seed = seed_of(conn, settings, held.campaign)
    allocate.restock(held.game, held.stand, seed, held.now, real)
    campaigns.save(conn, held, [("restocked", None, {"at": held.now, "changes": real})])


def _hold(conn: Connection, game: str, brand: str) -> tuple[Held, Pool]:
    held = campaigns.lock(conn, game)
    pool = pools.pools_of_game(conn, game).get(brand) if held else None
    if held is None or pool is None:
        raise NoSuchGame(f"{brand} has no budget in the game {game}")
    return held, pool
