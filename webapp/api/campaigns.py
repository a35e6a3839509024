"""`/v1/campaigns`, `/v1/coupons`: what is left of each budget, what players won, and coupons redeemed at a till."""

from datetime import datetime
from typing import Annotated

from flask import Blueprint, Response, jsonify, request
from msgspec import Meta, Struct

from engine.coupons.issue import EXPIRED, ISSUED, REDEEMED, STATES, VOIDED
from webapp.api.json_provider import one_of
from webapp.api.paging import page_cursor, page_limit, page_response
from webapp.api.player_ids import unknown_player
from webapp.api.request_body import read_body
from webapp.http.access import allow, current_key, settings
from webapp.http.problems import ApiProblem
from webapp.runtime.clock import now
from webapp.services.campaigns.campaign_brands import names_of_brands
from webapp.services.coupons import issued_coupons
from webapp.services.coupons.issued_coupons import CouponNotRedeemable
from webapp.store.campaigns import campaign_rows, coupons, pools
from webapp.store.campaigns.coupons import Coupon
from webapp.store.campaigns.pools import CouponPool
from webapp.store.players import player_states
from webapp.store.system.connection import connect

blueprint = Blueprint("v1_campaigns", __name__, url_prefix="/v1")

COUNTS = ("initial", *STATES)


class CouponCounts(Struct, kw_only=True):
    """The number of coupons in each state; the states add up to `initial`."""

    initial: int
    available: int
    reserved: int
    issued: int
    redeemed: int
    expired: int
    voided: int


class Budget(CouponCounts, kw_only=True):
    """The coupons of one brand in one game."""

    game: str | None
    brand: str
    brand_name: str


class CampaignBudgets(Struct, kw_only=True):
    """Every budget of a campaign, and their total."""

    campaign: str
    name: str
    data: list[Budget]
    total: CouponCounts
    next_cursor: str | None


class CouponRedemptionBody(Struct, forbid_unknown_fields=True):
    """Redeeming a coupon; sending the same `redemption_id` again is the same redemption."""

    redemption_id: Annotated[str, Meta(min_length=1, max_length=128)] | None = None


class RedeemedCoupon(Struct, kw_only=True):
    """A coupon after it was redeemed."""

    code: str
    status: str
    brand: str | None
    player: str | None
    redeemed_at: datetime | None


class PlayerCoupon(Struct, kw_only=True):
    """A coupon that a player got: in a game, or from a pool by a rule or for coins."""

    code: str
    status: Annotated[str, one_of(ISSUED, REDEEMED, EXPIRED, VOIDED)]
    brand: str | None
    game: str | None
    coupon_pool: str | None
    issued_at: datetime
    expires_at: datetime | None
    ended_at: datetime | None


@blueprint.get("/campaigns/<key>/budget")
@allow(scope="campaigns:read")
def budget(key: str) -> Response:
    """The state of all coupons of a campaign, per game and brand, and in total."""
    with connect(settings().database_url) as conn:
        campaign = campaign_rows.campaign(conn, key)
        if campaign is None:
            raise ApiProblem(404, "not_found", f"no such campaign: {key}")
        campaign_pools = pools.pools_of_campaign(conn, key)
        names = {game: names_of_brands(conn, campaign, game) for game in {pool.game for pool in campaign_pools}}
    budgets = [_budget(pool, names[pool.game]) for pool in campaign_pools]
    total = CouponCounts(**{name: sum(getattr(budget, name) for budget in budgets) for name in COUNTS})
    name = campaign.document["name"]
    return jsonify(CampaignBudgets(campaign=key, name=name, data=budgets, total=total, next_cursor=None))


def _budget(pool: CouponPool, brand_names: dict[str, str]) -> Budget:
    brand = pool.brand or ""
    return Budget(game=pool.game, brand=brand, brand_name=brand_names.get(brand, brand), **pool.counts())


@blueprint.post("/coupons/<text:code>/redemption")
@allow(scope="coupons:redeem")
def redeem_coupon(code: str) -> Response:
    """Redeem an issued coupon, once."""
    body = read_body(CouponRedemptionBody) if request.content_length else CouponRedemptionBody()
    name = None if body.redemption_id is None else f"{current_key().app_id}:{body.redemption_id}"
    try:
        coupon = issued_coupons.redeem_coupon(settings(), code, name)
    except CouponNotRedeemable as error:
        raise ApiProblem(404 if error.code == "not_found" else 409, error.code, str(error)) from None
    return jsonify(
        RedeemedCoupon(
            code=coupon.code,
            status=coupon.state,
            brand=coupon.brand,
            player=coupon.player,
            redeemed_at=coupon.ended_at,
        )
    )


@blueprint.get("/players/<player>/coupons")
@allow(scope="coupons:read")
def of_player(player: str) -> Response:
    """The coupons that a player got, with their codes, newest first."""
    before, limit = page_cursor(int), page_limit()
    with connect(settings().database_url) as conn:
        number = player_states.number_of(conn, player)
        if number is None:
            raise unknown_player(player)
        rows = coupons.player_coupons(conn, number, limit + 1, before)
    return page_response(
        [_player_coupon(row) for row in rows[:limit]], rows[limit - 1].id if len(rows) > limit else None
    )


def _player_coupon(coupon: Coupon) -> PlayerCoupon:
    assert coupon.issued_at is not None, "a coupon is listed because it was issued"
    return PlayerCoupon(
        code=coupon.code,
        status=coupon.state_at(now()),
        brand=coupon.brand,
        game=coupon.game,
        coupon_pool=coupon.pool_key,
        issued_at=coupon.issued_at,
        expires_at=coupon.expires_at,
        ended_at=coupon.ended_at,
    )
