"""What becomes of an issued coupon: redeemed in a shop, voided by hand, expired."""

from webapp.config import Settings
from webapp.services.coupons import stock
from webapp.services.coupons.code_reveal import mask
from webapp.store.campaigns import coupons, pools
from webapp.store.campaigns.coupons import Coupon
from webapp.store.people import audit
from webapp.store.system.connection import Connection, connect

EXPIRE_AT_ONCE = 500
LAPSING_SECONDS = 60
REFUSALS = {
    "available": ("not_issued", "this coupon has not been issued"),
    "reserved": ("not_issued", "this coupon is still being issued"),
    "redeemed": ("already_redeemed", "this coupon was redeemed before"),
    "expired": ("coupon_expired", "this coupon has expired"),
    "voided": ("coupon_voided", "this coupon was voided"),
}
"""State → the contract's code, and what people are told."""


class CouponNotRedeemable(Exception):  # noqa: N818  (whoever asked for it is told)
    """Why a coupon cannot be redeemed or voided; `code` is the contract's."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


def redeem_coupon(settings: Settings, code: str, redemption_name: str | None) -> Coupon:
    """Redeem a coupon; under the same name again it is the same redemption. Raises `CouponNotRedeemable`."""
    with connect(settings.database_url) as conn:
        coupon = _redeem(conn, code, redemption_name)
        conn.commit()
    return coupon


def _redeem(conn: Connection, code: str, redemption_name: str | None) -> Coupon:
    coupon = coupons.by_code(conn, code, lock=True)
    if coupon is None:
        raise CouponNotRedeemable("not_found", "there is no coupon with this code")
    is_named = coupon.state == "redeemed" and redemption_name is not None
    if is_named and coupons.redemption_name(conn, coupon.id) == redemption_name:
        return coupon
    is_overdue = coupon.state == "issued" and coupons.is_overdue(conn, coupon.id)
    state = "expired" if is_overdue else coupon.state  # the beat marks it as expired only later
    if state != "issued":
        raise CouponNotRedeemable(*REFUSALS[state])
    coupons.change_state(conn, [coupon.id], "issued", "redeemed")
    coupons.set_redemption(conn, coupon.id, redemption_name)
    return coupons.by_code(conn, code) or coupon


def void_issued_coupon(settings: Settings, game: str, code: str, by: str) -> Coupon:
    """Void an issued coupon of a game by hand; the outcome of its play stays. Raises `CouponNotRedeemable`."""
    with connect(settings.database_url) as conn:
        coupon = coupons.by_code(conn, code, lock=True)
        if coupon is None or coupon.game != game:
            raise CouponNotRedeemable("not_found", "this game has no coupon with that code")
        if coupon.state != "issued":
            raise CouponNotRedeemable(*REFUSALS[coupon.state])
        coupons.change_state(conn, [coupon.id], "issued", "voided")
        audit.note(conn, by, "coupon.void", f"{game}/{coupon.brand}", after={"code": mask(code)})
        conn.commit()
    return coupon


def expire_overdue_coupons(settings: Settings) -> int:
    """Let coupons expire whose time is over: issued ones, and those that nobody has got yet; returns how many.

    An available coupon goes a minute early, so that nobody wins one that ends while it is shown.
    """
    with connect(settings.database_url) as conn:
        expired = coupons.change_state(conn, coupons.lock_overdue(conn, EXPIRE_AT_ONCE), "issued", "expired")
        conn.commit()
        lapsed = 0
        for number in coupons.pools_with_lapsing_coupons(conn, LAPSING_SECONDS):
            pool = pools.pool_by_id(conn, number)
            lapsed += stock.expire_lapsing(conn, settings, pool, LAPSING_SECONDS, EXPIRE_AT_ONCE)
            conn.commit()
    return sum(expired.values()) + lapsed
