"""`/v1/campaigns`, `/v1/coupons`: what is left of each budget, and coupons that are used in a shop."""

from typing import Annotated, Any

from flask import Blueprint, Response, jsonify, request
from msgspec import Meta, Struct

from engine.coupons.issue import STATES
from webapp.api.players.manual_changes import body
from webapp.api.problems import Refused
from webapp.http.access import allow, current_key, settings
from webapp.services.coupons import coupon_redemption
from webapp.services.coupons.coupon_redemption import CouponNotRedeemable
from webapp.store.campaigns import campaign_rows, pools
from webapp.store.campaigns.pools import CouponPool
from webapp.store.system.connection import connect

blueprint = Blueprint("v1_campaigns", __name__, url_prefix="/v1")

COUNTS = ("initial", *STATES)


@blueprint.get("/campaigns/<key>/budget")
@allow(scope="campaigns:read")
def budget(key: str) -> Response:
    """Where every coupon of a campaign is, per game and brand, and in all."""
    with connect(settings().database_url) as conn:
        found = campaign_rows.campaign(conn, key)
        if found is None:
            raise Refused(404, "not_found", f"there is no campaign {key}")
        budgets = pools.pools_of_campaign(conn, key)
    names = {each["brand"]: each.get("brand_name") or each["brand"] for each in _budgets(found.document)}
    rows = [_row(pool, names) for pool in budgets]
    total = {name: sum(row[name] for row in rows) for name in COUNTS}
    return jsonify({"campaign": key, "name": found.document["name"], "data": rows, "total": total, "next_cursor": None})


def _budgets(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [budget for game in document["games"] for budget in game["budgets"]]


def _row(pool: CouponPool, names: dict[str, str]) -> dict[str, Any]:
    brand = pool.brand or ""
    return {"game": pool.game, "brand": brand, "brand_name": names.get(brand, brand), **pool.counts()}


class Redemption(Struct, forbid_unknown_fields=True):
    """Using a coupon; the same `redemption_id` again is the same use."""

    redemption_id: Annotated[str, Meta(min_length=1, max_length=128)] | None = None


@blueprint.post("/coupons/<whole:code>/redemption")
@allow(scope="coupons:redeem")
def redeem_coupon(code: str) -> Response:
    """Use an issued coupon, once."""
    sent: Redemption = body(Redemption) if request.content_length else Redemption()
    name = None if sent.redemption_id is None else f"{current_key().app_id}:{sent.redemption_id}"
    try:
        with connect(settings().database_url) as conn:
            coupon = coupon_redemption.redeem_coupon(conn, code, name)
            conn.commit()
    except CouponNotRedeemable as error:
        raise Refused(404 if error.code == "not_found" else 409, error.code, str(error)) from None
    return jsonify(
        {
            "code": coupon.code,
            "status": coupon.state,
            "brand": coupon.brand,
            "player": coupon.player,
            "redeemed_at": coupon.ended_at.isoformat() if coupon.ended_at else None,
        }
    )
