"""The code of one coupon, in clear, for who may see it; pages show codes masked otherwise."""

from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue

from webapp.http.access import Role, actor, allow, settings
from webapp.services.coupons.code_reveal import mask, reveal_code
from webapp.store.campaigns.coupons import Coupon
from webapp.store.campaigns.rewards import Redemption

blueprint = Blueprint("code_reveal", __name__, url_prefix="/coupons")
CodeRow = TypeVar("CodeRow", bound=Coupon | Redemption)


@blueprint.post("/<int:number>/reveal")
@allow(role=Role.PUBLISHER)
def reveal(number: int) -> ResponseReturnValue:
    """Show the code of a coupon; that it was shown is in the audit log."""
    coupon = reveal_code(settings(), number, actor()) or abort(404)
    return render_template("campaigns/code.html", coupon=coupon)


def masked(rows: Iterable[CodeRow]) -> list[CodeRow]:
    """The same with masked codes: templates never get any other."""
    return [row if row.code is None else replace(row, code=mask(row.code)) for row in rows]
