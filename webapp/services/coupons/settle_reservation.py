"""Settles a win whose coupon a provider was asked for: issue the coupon, draw another brand, or give up in time.

Everything happens under the game's lock, and only while the reservation is still at the attempt it is settled for: a
late answer changes nothing.
"""

from dataclasses import dataclass
from typing import Any

from engine.coupons import decide_play
from engine.coupons.decide_play import FailedIssue
from engine.coupons.game import SECOND
from engine.coupons.play import EXPIRED, LOST, WON
from webapp.config import Settings
from webapp.services.campaigns.campaign_seeds import seed_of
from webapp.store.campaigns import campaign_rows, coupons, plays, pools, reservations
from webapp.store.campaigns.campaign_rows import LockedGame
from webapp.store.campaigns.coupons import Assignment
from webapp.store.campaigns.plays import PlayerTotals
from webapp.store.campaigns.pools import CouponPool
from webapp.store.campaigns.reservations import Reservation
from webapp.store.system import webhook_deliveries
from webapp.store.system.connection import Connection

PAUSE_SECONDS_MAX = 30.0


@dataclass(frozen=True, slots=True)
class LockedReservation:
    """A reservation under its game's lock, with the pool that its coupon is of."""

    locked: LockedGame
    reservation: Reservation
    pool: CouponPool

    @property
    def deadline(self) -> int:
        """The moment (µs) by which the play must be decided."""
        return int(self.reservation.decision["at"]) + self.locked.game.decide_within


def issue_coupon(conn: Connection, requested: Reservation, code: str) -> bool:
    """Issue the coupon under the provider's code. The caller commits. False where the reservation has moved on.

    Raises `psycopg.errors.UniqueViolation` where another coupon has the code.
    """
    current = _lock(conn, requested)
    if current is None:
        return False
    reservation, pool = current.reservation, current.pool
    coupons.issue_reserved(conn, reservation.coupon, pool.id, code, pool.coupon_expiry(current.locked.now))
    _record_win(conn, current)
    return True


def release_and_redraw(
    conn: Connection, settings: Settings, requested: Reservation, why: str, *, may_have_issued: bool
) -> bool:
    """Free the coupon and draw another brand, or let the play lose where its time is over. The caller commits.

    False where the reservation has moved on. A provider that `may_have_issued` a coupon hears that it is not wanted.
    """
    current = _lock(conn, requested)
    if current is None:
        return False
    locked, reservation, pool = current.locked, current.reservation, current.pool
    failed_brand = str(pool.brand)
    coupons.change_state(conn, [reservation.coupon], "reserved", "available")
    if may_have_issued:
        _send_release(conn, current)

    player = plays.player_of(conn, reservation.play)
    totals_key = (player, locked.game.key)
    totals = plays.player_totals(conn, [player], [locked.game.key]).get(totals_key, PlayerTotals())
    seed = seed_of(conn, settings, locked.campaign)
    allowed = tuple(
        brand.key
        for brand in locked.game.brands
        if _may_win(totals, brand.key, brand.wins_per_player, failed_brand=failed_brand)
    )
    failed = FailedIssue(reservation.decision["name"], failed_brand, reservation.attempt + 1, allowed)
    brand = decide_play.redraw(locked.game, locked.state, seed, failed) if locked.now < current.deadline else None
    if brand is None:
        _give_up(conn, current, seed)
    else:
        _reserve_next(conn, current, failed, player, brand, why)
    _move_win(totals, reservation, failed_brand, brand)
    plays.save_player_totals(conn, {totals_key: totals})
    return True


def _lock(conn: Connection, requested: Reservation) -> LockedReservation | None:
    """Lock the game; None where the play is settled, or another attempt is under way."""
    locked = campaign_rows.lock_game(conn, requested.game)
    reservation = reservations.reservation_of(conn, requested.play)
    if locked is None or reservation is None or reservation.attempt != requested.attempt:
        return None
    return LockedReservation(locked, reservation, pools.pool_by_id(conn, reservation.pool))


def _may_win(totals: PlayerTotals, brand: str, limit: int | None, *, failed_brand: str) -> bool:
    """Whether the player may win a brand; the win that failed does not count."""
    return limit is None or totals.brands.get(brand, 0) - (brand == failed_brand) < limit


def _send_release(conn: Connection, current: LockedReservation) -> None:
    reservation, pool = current.reservation, current.pool
    content = {"reservation": reservation.id, "game": reservation.game, "brand": pool.brand}
    webhook_deliveries.queue_message(
        conn, webhook_deliveries.RELEASED, pool.document["provider"]["url"], reservation.game, content
    )


def _record_win(conn: Connection, current: LockedReservation) -> None:
    """The play has won, and its coupon is issued."""
    reservation = current.reservation
    final = {"brand": current.pool.brand, "coupon": reservation.coupon, "attempt": reservation.attempt}
    plays.save_outcomes(conn, [(reservation.play, WON, WON, reservation.coupon)])
    reservations.delete_reservation(conn, reservation.play)
    campaign_rows.save_game(conn, current.locked, [("decided", reservation.play, reservation.decision | final)])


def _reserve_next(
    conn: Connection, current: LockedReservation, failed: FailedIssue, player: int, brand: str, why: str
) -> None:
    """Take a coupon of the next brand; it is issued at once where no provider has to be asked for it."""
    locked, reservation = current.locked, current.reservation
    pool = pools.pools_of_game(conn, reservation.game)[brand]
    available = coupons.lock_available(conn, pool.id, 1)
    assert available, f"{brand} promised a coupon and has none"
    is_provided = pool.document.get("provider") is not None
    assignment = Assignment(
        available[0][0], pool.id, player, play=reservation.play, expires_at=pool.coupon_expiry(locked.now)
    )
    reserve_seconds = locked.game.decide_within // SECOND if is_provided else None
    coupons.assign(conn, [assignment], reserve_seconds=reserve_seconds)
    record = {
        "name": failed.name,
        "failed": failed.brand,
        "attempt": failed.attempt,
        "may": failed.may,
        "brand": brand,
        "why": why,
    }
    campaign_rows.save_game(conn, locked, [("redrawn", reservation.play, record)])

    following = Reservation(
        reservation.play, reservation.game, pool.id, assignment.coupon, failed.attempt, reservation.decision
    )
    if is_provided:
        pause_seconds = _pause_seconds(failed.attempt) if brand == failed.brand else 0.0
        reservations.reassign(conn, following, current.deadline, pause_seconds)
    else:
        _record_win(conn, LockedReservation(locked, following, pool))


def _pause_seconds(attempt: int) -> float:
    """How long the same provider is left alone: 1, 2, 4 … s, at most 30."""
    return min(PAUSE_SECONDS_MAX, 2.0 ** min(attempt, 10) / 2)


def _give_up(conn: Connection, current: LockedReservation, seed: bytes) -> None:
    """No provider issued a coupon in time: the play has lost, and what is left is spread over the rest of the game."""
    locked, reservation = current.locked, current.reservation
    brand = str(current.pool.brand)
    decide_play.release_win(locked.game, locked.state, seed, locked.now, brand)
    plays.save_outcomes(conn, [(reservation.play, LOST, EXPIRED, None)])
    reservations.delete_reservation(conn, reservation.play)
    released = {"name": reservation.decision["name"], "brand": brand, "at": locked.now}
    records = [
        ("released", reservation.play, released),
        ("decided", reservation.play, _expired(reservation.decision)),
    ]
    campaign_rows.save_game(conn, locked, records)


def _expired(decision: dict[str, Any]) -> dict[str, Any]:
    nothing_won = {"brand": None, "chance": [0, 1], "draw": 0, "cause": EXPIRED, "coupon": None}
    return {**decision, **nothing_won, "outcome": LOST, "reason": EXPIRED}


def _move_win(totals: PlayerTotals, reservation: Reservation, failed_brand: str, brand: str | None) -> None:
    """Move the player's win from one brand to the next; without a next brand it was no win."""
    totals.brands[failed_brand] = totals.brands.get(failed_brand, 0) - 1
    if brand is not None:
        totals.brands[brand] = totals.brands.get(brand, 0) + 1
        return
    totals.wins -= 1
    day = totals.days.get(str(reservation.decision["day"][0]))
    if day is not None:
        day[1] -= 1
