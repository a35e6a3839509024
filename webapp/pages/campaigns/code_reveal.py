"""The code of one coupon, in clear, for who may see it; pages show codes masked otherwise."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TypeVar

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue

from webapp.http.access import Role, actor, allow, settings
from webapp.pages.layout import database
from webapp.services.campaigns.campaign_brands import names_of_brands
from webapp.services.coupons.code_reveal import mask, reveal_code
from webapp.store.campaigns import campaign_rows
from webapp.store.campaigns.campaign_rows import Campaign
from webapp.store.campaigns.coupons import Coupon
from webapp.store.campaigns.rewards import Redemption

blueprint = Blueprint("code_reveal", __name__, url_prefix="/coupons")
CodeRow = TypeVar("CodeRow", bound=Coupon | Redemption)


@dataclass(frozen=True, slots=True)
class CodePage:
    """One coupon in clear, the brand it is of, and the campaign whose coupons one goes back to; None for a pool."""

    coupon: Coupon
    brand: str
    campaign: Campaign | None


@blueprint.post("/<int:number>/reveal")
@allow(role=Role.PUBLISHER)
def reveal(number: int) -> ResponseReturnValue:
    """Show the code of a coupon; that it was shown is in the audit log."""
    coupon = reveal_code(settings(), number, actor()) or abort(404)
    with database() as conn:
        campaign = campaign_rows.campaign_of_game(conn, coupon.game) if coupon.game else None
        document = campaign_rows.campaign(conn, campaign) if campaign else None
        names = names_of_brands(conn, document, coupon.game) if document else {}
    view = CodePage(
        coupon=coupon,
        brand=names.get(str(coupon.brand)) or coupon.prize,
        campaign=document,
    )
    return render_template("campaigns/code.html", view=view)


def masked(rows: Iterable[CodeRow]) -> list[CodeRow]:
    """The same with masked codes: templates never get any other."""
    return [row if row.code is None else replace(row, code=mask(row.code)) for row in rows]
