"""A win whose coupon a provider was asked for: it is issued, or the next brand is drawn, or its time is over.

All of it under the game's lock, and only while the asking that it is about still stands: what comes late changes
nothing.
"""

from typing import Any

from engine.coupons import allocate
from engine.coupons.allocate import Failed
from engine.coupons.game import SECOND
from engine.coupons.issue import expires_at
from engine.coupons.play import EXPIRED, LOST, WON
from engine.documents.typed_documents import moment
from webapp.config import Settings
from webapp.services.campaigns.campaign_seeds import seed_of
from webapp.store.campaigns import campaign_rows, coupons, plays, pools, reservations
from webapp.store.campaigns.campaign_rows import LockedGame
from webapp.store.campaigns.coupons import Assignment
from webapp.store.campaigns.plays import PlayerTotals
from webapp.store.campaigns.pools import CouponPool
from webapp.store.campaigns.reservations import Reservation
from webapp.store.system import deliveries
from webapp.store.system.connection import Connection

PAUSE_SECONDS_MAX = 30.0


def issue_coupon(conn: Connection, asked: Reservation, code: str) -> bool:
    """The provider gave a code: the win is told with it. False where this asking stands no more. The caller commits.

    Raises `psycopg.errors.UniqueViolation` where another coupon has the code.
    """
    held, now = _hold(conn, asked)
    if held is None or now is None:
        return False
    pool = pools.pool_by_id(conn, now.pool)
    coupons.issue_reserved(conn, now.coupon, pool.id, code, _until(pool, held.now))
    _close(conn, held, now, pool)
    return True


def release_and_redraw(
    conn: Connection, settings: Settings, asked: Reservation, why: str, *, may_have_issued: bool
) -> bool:
    """The provider gave nothing: another brand is asked, or the play's time is over. The caller commits.

    False where this asking stands no more. A provider that `may_have_issued` is told that nobody wants its coupon.
    """
    held, now = _hold(conn, asked)
    if held is None or now is None:
        return False
    pool = pools.pool_by_id(conn, now.pool)
    coupons.change_state(conn, [now.coupon], "reserved", "available")
    if may_have_issued:
        _take_back(conn, pool, now)
    player = plays.player_of(conn, now.play)
    had = plays.player_totals(conn, [player], [held.game.key]).get((player, held.game.key), PlayerTotals())
    seed, deadline = seed_of(conn, settings, held.campaign), now.decision["at"] + held.game.decide_within
    may = tuple(each.key for each in held.game.brands if _may(had, each.key, pool.brand, each.wins_per_player))
    win = Failed(now.decision["name"], str(pool.brand), now.attempt + 1, may)
    brand = allocate.redraw(held.game, held.stand, seed, win) if held.now < deadline else None
    if brand is None:
        _give_up(conn, held, now, pool, seed)
        _count(had, now, str(pool.brand), None)
    else:
        _ask_next(conn, held, (now, win, player), (brand, why))
        _count(had, now, str(pool.brand), brand)
    plays.save_player_totals(conn, {(player, held.game.key): had})
    return True


def _hold(conn: Connection, asked: Reservation) -> tuple[LockedGame | None, Reservation | None]:
    held = campaign_rows.lock_game(conn, asked.game)
    now = reservations.reservation_of(conn, asked.play)
    return held, now if now is not None and now.attempt == asked.attempt else None


def _until(pool: CouponPool, now: int) -> int | None:
    return expires_at(now, moment(pool.document.get("expires_at")), pool.document.get("expires_after_days"))


def _may(had: PlayerTotals, brand: str, failed: str | None, most: int | None) -> bool:
    """Whether the player may win a brand; the win that failed does not count."""
    return most is None or had.brands.get(brand, 0) - (brand == failed) < most


def _take_back(conn: Connection, pool: CouponPool, now: Reservation) -> None:
    content = {"reservation": now.id, "game": now.game, "brand": pool.brand}
    deliveries.owe(conn, deliveries.RELEASED, pool.document["provider"]["url"], now.game, content)


def _close(conn: Connection, held: LockedGame, now: Reservation, pool: CouponPool, coupon: int | None = None) -> None:
    """The play has won, and its coupon is issued."""
    coupon = coupon or now.coupon
    content = {**now.decision, "brand": pool.brand, "coupon": coupon, "attempt": now.attempt}
    plays.save_outcomes(conn, [(now.play, WON, WON, coupon)])
    reservations.delete_reservation(conn, now.play)
    campaign_rows.save_game(conn, held, [("decided", now.play, content)])


def _ask_next(conn: Connection, held: LockedGame, was: tuple[Reservation, Failed, int], to: tuple[str, str]) -> None:
    """Take a coupon of the next brand: issued at once where the coupons are our own."""
    (now, win, player), (brand, why) = was, to
    pool = pools.pools_of_game(conn, now.game)[brand]
    taken = coupons.lock_available(conn, pool.id, 1)
    assert taken, f"{brand} promised a coupon and has none"
    is_asked = pool.document.get("provider") is not None
    given = Assignment(taken[0][0], pool.id, player, play=now.play, expires_at=_until(pool, held.now))
    coupons.assign(conn, [given], reserve_seconds=held.game.decide_within // SECOND if is_asked else None)
    record = {"name": win.name, "failed": win.brand, "attempt": win.attempt, "may": win.may, "brand": brand, "why": why}
    campaign_rows.save_game(conn, held, [("redrawn", now.play, record)])
    following = Reservation(now.play, now.game, pool.id, given.coupon, win.attempt, now.decision)
    if is_asked:
        pause = min(PAUSE_SECONDS_MAX, 2.0 ** min(win.attempt, 10) / 2) if brand == win.brand else 0.0
        reservations.reassign(conn, following, now.decision["at"] + held.game.decide_within, pause)
    else:
        _close(conn, held, following, pool)


def _give_up(conn: Connection, held: LockedGame, now: Reservation, pool: CouponPool, seed: bytes) -> None:
    """Nobody gave anything until the play's time was over: it is lost, and the coupon is spread anew."""
    brand, name = str(pool.brand), now.decision["name"]
    allocate.give_back(held.game, held.stand, seed, held.now, brand)
    plays.save_outcomes(conn, [(now.play, LOST, EXPIRED, None)])
    reservations.delete_reservation(conn, now.play)
    gone = {"name": name, "brand": brand, "at": held.now}
    campaign_rows.save_game(conn, held, [("released", now.play, gone), ("decided", now.play, _expired(now.decision))])


def _expired(decided: dict[str, Any]) -> dict[str, Any]:
    nothing = {"brand": None, "chance": [0, 1], "draw": 0, "cause": EXPIRED, "coupon": None}
    return {**decided, **nothing, "outcome": LOST, "reason": EXPIRED}


def _count(had: PlayerTotals, now: Reservation, failed: str, brand: str | None) -> None:
    """The player's wins of brands follow; without a brand the win is none."""
    had.brands[failed] = had.brands.get(failed, 0) - 1
    if brand is not None:
        had.brands[brand] = had.brands.get(brand, 0) + 1
        return
    had.wins -= 1
    day = had.days.get(str(now.decision["day"][0]))
    if day is not None:
        day[1] -= 1
