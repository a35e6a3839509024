"""`/v1/rewards`: what players may have for their coins, and having it."""

from typing import Annotated, Any

from flask import Blueprint, Response, jsonify, request
from msgspec import Meta, Struct

from engine.coupons.reward import RewardRefusal, cost_of
from engine.kinds.reward import REWARD
from webapp.api.paging import cursor, limit, listed, page_by_key
from webapp.api.players.manual_changes import body, checked_player, unknown
from webapp.api.problems import Flaw, Refused
from webapp.http.access import actor, allow, current_key, settings
from webapp.services.pipeline.apply_now import UnknownPlayerError
from webapp.services.pipeline.relay import try_relay
from webapp.services.rewards.redeem_reward import (
    RedemptionNotRefundable,
    RedemptionRequest,
    RewardNotRedeemed,
    redeem,
    refund,
    reward_refusals,
)
from webapp.services.webhooks.send_deliveries import hint_deliveries
from webapp.store.campaigns import rewards
from webapp.store.campaigns.rewards import Redemption
from webapp.store.people import audit
from webapp.store.players import player_states
from webapp.store.rules import rule_versions
from webapp.store.system import deliveries
from webapp.store.system.connection import connect
from webapp.store.system.deliveries import Delivery

blueprint = Blueprint("v1_rewards", __name__, url_prefix="/v1")


class Sent(Struct, forbid_unknown_fields=True):
    """A wish to redeem; the caller chooses `redemption_id`, unique in its app."""

    player: str
    redemption_id: Annotated[str, Meta(min_length=1, max_length=128)]


class Reason(Struct, forbid_unknown_fields=True):
    """Why a redemption is refunded."""

    reason: Annotated[str, Meta(min_length=1, max_length=500)]


@blueprint.get("/rewards")
@allow(scope="players:read")
def list_rewards() -> Response:
    """The live rewards; with `player`, whether that player may have each now, and why not."""
    player = request.args.get("player")
    with connect(settings().database_url) as conn:
        left = rewards.stock_left(conn)
        number = None if player is None else player_states.number_of(conn, player)
        if player is not None and number is None:
            raise unknown(player)
        live = [each for each in rule_versions.live_documents(conn) if each["kind"] == REWARD.key]
        page, after = page_by_key(live, lambda document: str(document["key"]))
        beside = [{}] * len(page) if number is None else [_told(no) for no in reward_refusals(conn, page, number)]
    return listed([_reward(document, left) | more for document, more in zip(page, beside, strict=True)], after)


def _reward(document: dict[str, Any], left: dict[str, int | None]) -> dict[str, Any]:
    return {
        "key": document["key"],
        "name": document["name"],
        "description": document.get("description") or "",
        "cost": {"coins": cost_of(document)},
        "left": left.get(document["key"]),
        "starts_at": document.get("starts_at"),
        "ends_at": document.get("ends_at"),
    }


def _told(no: RewardRefusal | None) -> dict[str, Any]:
    return {"redeemable": no is None, "reason": None if no is None else {"code": no.code, "detail": no.detail}}


@blueprint.post("/rewards/<key>/redemptions")
@allow(scope="rewards:redeem")
def redeem_reward(key: str) -> tuple[Response, int]:
    """Redeem a reward: 201 once, 200 with the same answer ever after."""
    sent: Sent = body(Sent)
    wish = RedemptionRequest(current_key().app_id, sent.redemption_id, key, checked_player(sent.player))
    with connect(settings().database_url) as conn:
        try:
            made, is_new = redeem(conn, wish)
        except UnknownPlayerError:
            raise unknown(sent.player) from None
        except RewardNotRedeemed as error:
            raise _refused(error) from None
        conn.commit()
    if is_new:
        try_relay(settings())
        if made.fulfilment == "webhook":
            hint_deliveries(settings())
    return jsonify(told(made)), 201 if is_new else 200


def _refused(error: RewardNotRedeemed) -> Refused:
    no = error.no
    flaws = [Flaw("/player", f"{no.missing} coins are missing", no.code)] if no.missing else []
    refused = Refused(404 if no.code == "not_found" else 409, no.code, no.detail, flaws)
    if no.missing:
        refused.beside["missing"] = no.missing
    return refused


def told(made: Redemption) -> dict[str, Any]:
    """A redemption as it was answered first: what happens to it later is told by `GET`."""
    return {
        "redemption_id": made.redemption_id,
        "reward": made.reward,
        "player": made.player,
        "cost": {"coins": made.coins},
        "balance": made.balance,
        "coupon": {"code": made.code} if made.code else None,
        "redeemed_at": made.created_at.isoformat(),
    }


def now_told(made: Redemption, delivery: Delivery | None = None) -> dict[str, Any]:
    """A redemption as it stands now, with how far its webhook is where it has one."""
    closed = made.closed_at.isoformat() if made.closed_at else None
    beside = {} if delivery is None else {"delivery": _delivery(delivery)}
    return told(made) | {"number": made.number, "status": made.status, "closed_at": closed} | beside


def _delivery(delivery: Delivery) -> dict[str, Any]:
    is_waiting = delivery.status == "waiting"
    return {
        "kind": delivery.kind,
        "status": delivery.status,
        "attempts": delivery.attempts,
        "answer": delivery.answer,
        "next_at": delivery.next_at.isoformat() if is_waiting else None,
    }


@blueprint.get("/redemptions/<whole:redemption_id>")
@allow(scope="rewards:redeem")
def show(redemption_id: str) -> Response:
    """Where a redemption of this key's app stands."""
    with connect(settings().database_url) as conn:
        made = rewards.redemption_by_id(conn, current_key().app_id, redemption_id)
        if made is None:
            raise Refused(404, "not_found", "this app has made no redemption of that id")
        owed = deliveries.of_redemptions(conn, [made.number])
    return jsonify(now_told(made, owed.get(made.number)))


@blueprint.post("/redemptions/<whole:redemption_id>/delivery")
@allow(scope="rewards:redeem")
def send_again(redemption_id: str) -> tuple[Response, int]:
    """Have a redemption's webhook sent again from the beginning, also after it was given up."""
    with connect(settings().database_url) as conn:
        made = rewards.redemption_by_id(conn, current_key().app_id, redemption_id)
        if made is None:
            raise Refused(404, "not_found", "this app has made no redemption of that id")
        if not deliveries.send_again(conn, made.number):
            raise Refused(409, "nothing_to_send", "no webhook of this redemption waits or has failed")
        owed = deliveries.of_redemptions(conn, [made.number])
        audit.note(conn, actor(), "redemption.send_again", f"redemption:{made.number}")
        conn.commit()
    hint_deliveries(settings())
    return jsonify(now_told(made, owed.get(made.number))), 202


@blueprint.post("/redemptions/<whole:redemption_id>/refund")
@allow(scope="rewards:redeem")
def refund_redemption(redemption_id: str) -> Response:
    """Give the coins of a redemption back."""
    sent: Reason = body(Reason)
    with connect(settings().database_url) as conn:
        known = rewards.redemption_by_id(conn, current_key().app_id, redemption_id)
        if known is None:
            raise Refused(404, "not_found", "this app has made no redemption of that id")
        try:
            made = refund(conn, known.number, actor(), sent.reason)
        except RedemptionNotRefundable as error:
            raise Refused(409, "not_refundable", str(error)) from None
        audit.note(conn, actor(), "redemption.refund", f"redemption:{made.number}", after={"reason": sent.reason})
        conn.commit()
    try_relay(settings())
    return jsonify(now_told(made))


@blueprint.get("/players/<player>/redemptions")
@allow(scope="players:read")
def of_player(player: str) -> Response:
    """A player's redemptions, the newest first."""
    before, many = cursor(int), limit()
    with connect(settings().database_url) as conn:
        number = player_states.number_of(conn, player)
        if number is None:
            raise unknown(player)
        found = rewards.player_redemptions(conn, number, before, many + 1)
    after = found[many - 1].number if len(found) > many else None
    return listed([now_told(each) for each in found[:many]], after)
