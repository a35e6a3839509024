"""Shows coupon codes to operators: codes are money, so whoever sees one is in the audit log."""

from webapp.config import Settings
from webapp.store.campaigns import coupons
from webapp.store.campaigns.coupons import Coupon
from webapp.store.people import audit
from webapp.store.system.connection import connect

STARTS_MAX = 4
ENDS_FROM = 10
HIDDEN = "••••"


def mask(code: str) -> str:
    """Enough of a code to recognise it by, and too little to use it: at most a third, and of a long one its end.

    A code that has only its end left to guess would not be hidden, so the middle always is.
    """
    end = code[-2:] if len(code) >= ENDS_FROM else ""
    return f"{code[: min(STARTS_MAX, len(code) // 3)]}{HIDDEN}{end}"


def reveal_code(settings: Settings, number: int, by: str) -> Coupon | None:
    """The coupon with this number, its code readable; noted in the audit log. None if there is none."""
    with connect(settings.database_url) as conn:
        coupon = coupons.by_number(conn, number)
        if coupon is None:
            return None
        audit.note(conn, by, "coupon.reveal", f"coupon:{number}", after={"code": mask(coupon.code)})
        conn.commit()
    return coupon


def note_export(settings: Settings, game: str, by: str) -> None:
    """Note that somebody took all codes of a game away in a file."""
    with connect(settings.database_url) as conn:
        audit.note(conn, by, "coupons.export", game)
        conn.commit()
