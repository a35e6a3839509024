"""`/v1/rewards`, `/v1/redemptions`: what players can redeem coins for, and their redemptions."""

from datetime import datetime
from typing import Annotated, Any

from flask import Blueprint, Response, jsonify, request
from msgspec import UNSET, Meta, Struct, UnsetType

from engine.coupons.reward import RewardRefusal, cost_of
from engine.kinds.reward import REWARD
from webapp.api.json_provider import json_answer, one_of
from webapp.api.paging import page_cursor, page_limit, page_of_sorted, page_response
from webapp.api.player_ids import PlayerId, id_checks, unknown_player
from webapp.api.request_body import body_as, loop_body_bytes, read_body
from webapp.http.access import actor, allow, current_key, settings
from webapp.http.event_loop.messages import Answer, LoopRequest, on_loop
from webapp.http.problems import ApiProblem, FieldError
from webapp.services.pipeline.apply_now import UnknownPlayerError
from webapp.services.rewards import redemptions
from webapp.services.rewards.decide_redemption import RedemptionRequest, RewardNotRedeemed, reward_refusals
from webapp.services.rewards.refund import RedemptionNotRefundable
from webapp.store.campaigns import rewards
from webapp.store.campaigns.rewards import Redemption
from webapp.store.players import player_profiles, player_states
from webapp.store.rules import rule_versions
from webapp.store.system import webhook_deliveries
from webapp.store.system.connection import Connection, connect
from webapp.store.system.webhook_deliveries import Delivery

blueprint = Blueprint("v1_rewards", __name__, url_prefix="/v1")
REDEMPTION_CHECKS = id_checks("redemption_id")


class RedemptionBody(Struct, forbid_unknown_fields=True):
    """A request to redeem; the client chooses `redemption_id`, unique in its app."""

    player: PlayerId
    redemption_id: Annotated[str, Meta(min_length=1, max_length=128)]


class RefundBody(Struct, forbid_unknown_fields=True):
    """Why a redemption is refunded."""

    reason: Annotated[str, Meta(min_length=1, max_length=500)]


class Reward(Struct, kw_only=True):
    """Something that players can redeem coins for; `redeemable` and `reason` only where a player was named."""

    key: str
    name: str
    description: str
    cost: dict[str, int]
    left: int | None
    starts_at: datetime | None
    ends_at: datetime | None
    redeemable: bool | UnsetType = UNSET
    reason: dict[str, Any] | UnsetType | None = UNSET


class DeliveryView(Struct, kw_only=True):
    """The state of a redemption's newest webhook; `answer` is the result of the last attempt."""

    kind: Annotated[str, one_of("redemption.made", "redemption.refunded")]
    status: Annotated[str, one_of("waiting", "delivered", "failed", "cancelled")]
    attempts: int
    answer: str | None
    next_at: datetime | None


class RedemptionView(Struct, kw_only=True):
    """A redemption; `number`, `status` and `closed_at` only where its present state is requested."""

    redemption_id: str
    reward: str
    player: str | None
    cost: dict[str, int]
    balance: int | None
    coupon: dict[str, str] | None
    redeemed_at: datetime
    number: int | UnsetType = UNSET
    status: str | UnsetType = UNSET
    closed_at: datetime | UnsetType | None = UNSET
    delivery: DeliveryView | UnsetType = UNSET


@blueprint.get("/rewards")
@allow(scope="players:read")
def list_rewards() -> Response:
    """The live rewards; with `player`, whether that player can redeem each of them now, and why not."""
    player = request.args.get("player")
    with connect(settings().database_url) as conn:
        stock_left = rewards.stock_left(conn)
        number = None if player is None else player_states.number_of(conn, player)
        if player is not None and number is None:
            raise unknown_player(player)
        live = [document for document in rule_versions.live_documents(conn) if document["kind"] == REWARD.key]
        page, after = page_of_sorted(live, lambda document: str(document["key"]))
        answers = [_reward(document, stock_left) for document in page]
        if number is not None:
            for answer, refusal in zip(answers, reward_refusals(conn, page, number), strict=True):
                answer.redeemable = refusal is None
                answer.reason = None if refusal is None else {"code": refusal.code, "detail": refusal.detail}
    return page_response(answers, after)


def _reward(document: dict[str, Any], stock_left: dict[str, int | None]) -> Reward:
    return Reward(
        key=document["key"],
        name=document["name"],
        description=document.get("description") or "",
        cost={"coins": cost_of(document)},
        left=stock_left.get(document["key"]),
        starts_at=_moment(document.get("starts_at")),
        ends_at=_moment(document.get("ends_at")),
    )


def _moment(text: str | None) -> datetime | None:
    """A moment of a document, as its author wrote it."""
    return None if text is None else datetime.fromisoformat(text)


@blueprint.post("/rewards/<key>/redemptions")
@allow(scope="rewards:redeem")
@on_loop
async def redeem_reward(request: LoopRequest) -> Answer:
    """Redeem a reward: 201 the first time, 200 with the same answer from then on."""
    body = body_as(await loop_body_bytes(request), RedemptionBody, REDEMPTION_CHECKS)
    reward: str = request.arguments["key"]
    wanted = RedemptionRequest(request.app_id, body.redemption_id, reward, body.player)
    try:
        redeemed = await redemptions.redeem_reward(request.app.extensions, request.settings, wanted)
    except UnknownPlayerError:
        raise unknown_player(body.player) from None
    except RewardNotRedeemed as error:
        raise _not_redeemed(error.no) from None
    return json_answer(first_answer(redeemed.redemption), 201 if redeemed.is_new else 200)


def _not_redeemed(refusal: RewardRefusal) -> ApiProblem:
    errors = [FieldError("/player", f"{refusal.missing} coins are missing", refusal.code)] if refusal.missing else []
    problem = ApiProblem(404 if refusal.code == "not_found" else 409, refusal.code, refusal.detail, errors)
    if refusal.missing:
        problem.extensions["missing"] = refusal.missing
    return problem


def first_answer(redemption: Redemption) -> RedemptionView:
    """A redemption as it was first answered: what became of it since is left to `GET`."""
    return RedemptionView(
        redemption_id=redemption.redemption_id,
        reward=redemption.reward,
        player=redemption.player,
        cost={"coins": redemption.coins},
        balance=redemption.balance,
        coupon={"code": redemption.code} if redemption.code else None,
        redeemed_at=redemption.created_at,
    )


def present_state(redemption: Redemption, delivery: Delivery | None = None) -> RedemptionView:
    """A redemption in its present state, with that of its webhook if it has one."""
    answer = first_answer(redemption)
    answer.number, answer.status, answer.closed_at = redemption.number, redemption.status, redemption.closed_at
    if delivery is not None:
        answer.delivery = _delivery(delivery)
    return answer


def _delivery(delivery: Delivery) -> DeliveryView:
    return DeliveryView(
        kind=delivery.kind,
        status=delivery.status,
        attempts=delivery.attempts,
        answer=delivery.answer,
        next_at=delivery.next_at if delivery.status == "waiting" else None,
    )


def _redemption(conn: Connection, redemption_id: str) -> Redemption:
    redemption = rewards.redemption_by_id(conn, current_key().app_id, redemption_id)
    if redemption is None:
        raise ApiProblem(404, "not_found", "this app has made no redemption with this id")
    return redemption


@blueprint.get("/redemptions/<text:redemption_id>")
@allow(scope="rewards:redeem")
def show(redemption_id: str) -> Response:
    """The present state of a redemption of this key's app."""
    with connect(settings().database_url) as conn:
        redemption = _redemption(conn, redemption_id)
        owed = webhook_deliveries.newest_of_redemptions(conn, [redemption.number])
    return jsonify(present_state(redemption, owed.get(redemption.number)))


@blueprint.post("/redemptions/<text:redemption_id>/delivery")
@allow(scope="rewards:redeem")
def send_again(redemption_id: str) -> tuple[Response, int]:
    """Send a redemption's webhook again from the first attempt on, even after it was given up."""
    with connect(settings().database_url) as conn:
        redemption = _redemption(conn, redemption_id)
    delivery = redemptions.resend_webhook(settings(), redemption.number, actor())
    if delivery is None:
        raise ApiProblem(409, "nothing_to_send", "this redemption has no webhook that is waiting or has failed")
    return jsonify(present_state(redemption, delivery)), 202


@blueprint.post("/redemptions/<text:redemption_id>/refund")
@allow(scope="rewards:redeem")
def refund_redemption(redemption_id: str) -> Response:
    """Refund the coins of a redemption; `balance` is what the player has now."""
    body = read_body(RefundBody)
    with connect(settings().database_url) as conn:
        number = _redemption(conn, redemption_id).number
    try:
        redemption = redemptions.refund_redemption(settings(), number, actor(), body.reason)
    except RedemptionNotRefundable as error:
        raise ApiProblem(409, "not_refundable", str(error)) from None
    answer = present_state(redemption)
    with connect(settings().database_url) as conn:
        answer.balance = player_profiles.coins_of(conn, redemption.player)
    return jsonify(answer)


@blueprint.get("/players/<player>/redemptions")
@allow(scope="players:read")
def of_player(player: str) -> Response:
    """A player's redemptions, newest first."""
    before, limit = page_cursor(int), page_limit()
    with connect(settings().database_url) as conn:
        number = player_states.number_of(conn, player)
        if number is None:
            raise unknown_player(player)
        rows = rewards.player_redemptions(conn, number, before, limit + 1)
    after = rows[limit - 1].number if len(rows) > limit else None
    return page_response([present_state(row) for row in rows[:limit]], after)
