"""Coupons after they were issued: used in a shop, taken back by hand, over."""

from webapp.config import Settings
from webapp.store.campaigns import coupons
from webapp.store.campaigns.coupons import Coupon
from webapp.store.system.connection import Connection, connect

EXPIRE_AT_ONCE = 500
SAYS = {
    "available": ("not_issued", "nobody was given this coupon yet"),
    "reserved": ("not_issued", "this coupon is being issued"),
    "redeemed": ("already_redeemed", "this coupon was used already"),
    "expired": ("coupon_expired", "this coupon's time is over"),
    "voided": ("coupon_voided", "this coupon was taken back"),
}


class CouponNotRedeemable(Exception):  # noqa: N818  (told to whoever asked)
    """Why a coupon cannot be used; `code` is the contract's word."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


def redeem_coupon(conn: Connection, code: str, name: str | None) -> Coupon:
    """Use a coupon; again under the same name it is the same use. The caller commits. Raises NotRedeemable."""
    coupon = coupons.by_code(conn, code, lock=True)
    if coupon is None:
        raise CouponNotRedeemable("not_found", "there is no coupon of this code")
    if coupon.state == "redeemed" and name is not None and coupons.redemption_name(conn, coupon.id) == name:
        return coupon
    state = "expired" if coupon.state == "issued" and coupons.is_overdue(conn, coupon.id) else coupon.state
    if state != "issued":
        raise CouponNotRedeemable(*SAYS[state])
    coupons.change_state(conn, [coupon.id], "issued", "redeemed")
    coupons.set_redemption(conn, coupon.id, name)
    return coupons.by_code(conn, code) or coupon


def void_issued_coupon(conn: Connection, code: str) -> Coupon:
    """Take an issued coupon back by hand; the outcome of its play stays. The caller commits. Raises NotRedeemable."""
    coupon = coupons.by_code(conn, code, lock=True)
    if coupon is None:
        raise CouponNotRedeemable("not_found", "there is no coupon of this code")
    if coupon.state != "issued":
        raise CouponNotRedeemable(*SAYS[coupon.state])
    coupons.change_state(conn, [coupon.id], "issued", "voided")
    return coupons.by_code(conn, code) or coupon


def expire_overdue_coupons(settings: Settings) -> int:
    """Let issued coupons expire whose time is over; gives how many."""
    with connect(settings.database_url) as conn:
        gone = coupons.change_state(conn, coupons.lock_overdue(conn, EXPIRE_AT_ONCE), "issued", "expired")
        conn.commit()
    return sum(gone.values())
