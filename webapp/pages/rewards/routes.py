"""Rewards: what is offered and left, what waits to be fulfilled, refunds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.coupons.reward import cost_of
from engine.kinds.reward import REWARD
from webapp.http.access import Role, actor, allow, settings
from webapp.http.numbers import number_in_query
from webapp.pages.campaigns.code_reveal import masked
from webapp.pages.confirmation import Confirmation, ask_for_name, irreversible
from webapp.pages.layout import database, may
from webapp.pages.outcome_lines import RuleLabels
from webapp.services.rewards import redemptions
from webapp.services.rewards.refund import RedemptionNotRefundable
from webapp.store.campaigns import rewards
from webapp.store.campaigns.rewards import Redemption
from webapp.store.rules import rule_versions
from webapp.store.rules.rule_versions import StoredRule
from webapp.store.system import webhook_deliveries
from webapp.store.system.connection import Connection
from webapp.store.system.webhook_deliveries import Delivery

blueprint = Blueprint("rewards", __name__, url_prefix="/rewards")
SHOWN = 50
REASON_LENGTH_MAX = 500


@dataclass(frozen=True, slots=True)
class ListedReward:
    """A live or paused reward, what is left of it (None where unlimited), and its redemptions by status."""

    rule: StoredRule
    cost: int
    left: int | None
    counts: Mapping[str, int]

    @property
    def redeemed(self) -> int:
        """How often it was redeemed and not refunded."""
        return self.counts.get("pending", 0) + self.counts.get("fulfilled", 0)


@dataclass(frozen=True, slots=True)
class RewardsPage:
    """The rewards, and the redemptions that wait to be fulfilled; `webhooks` has theirs by number."""

    rewards: Sequence[ListedReward]
    waiting: Sequence[Redemption]
    labels: RuleLabels
    webhooks: Mapping[int, Delivery]
    may_change: bool
    may_write: bool


@dataclass(frozen=True, slots=True)
class RewardPage:
    """A reward, what is left of it (None where unlimited), and a page of its redemptions, the newest first.

    `webhooks` has those of redemptions by their number; `next_before` is the cursor of the next page.
    """

    rule: StoredRule
    cost: int
    left: int | None
    redemptions: Sequence[Redemption]
    labels: RuleLabels
    next_before: int | None
    webhooks: Mapping[int, Delivery]
    may_change: bool


@blueprint.get("")
@allow(role=Role.VIEWER)
def show() -> ResponseReturnValue:
    """The live rewards, and the redemptions that wait to be fulfilled."""
    with database() as conn:
        left, counts = rewards.stock_left(conn), rewards.redemption_counts(conn)
        rules = [rule for rule in rule_versions.all_rules(conn, kind=REWARD.key) if rule.status in {"live", "paused"}]
        waiting = rewards.pending_redemptions(conn, SHOWN)
        webhooks, labels = _webhooks(conn, waiting), RuleLabels.of(conn)
    view = RewardsPage(
        rewards=[
            ListedReward(rule, cost_of(rule.document), left.get(rule.key), counts.get(rule.key, {})) for rule in rules
        ],
        waiting=masked(waiting),
        labels=labels,
        webhooks=webhooks,
        may_change=may(Role.PUBLISHER),
        may_write=may(Role.AUTHOR),
    )
    return render_template("rewards/page.html", view=view)


@blueprint.get("/<key>")
@allow(role=Role.VIEWER)
def show_one(key: str) -> ResponseReturnValue:
    """The redemptions of one reward, newest first."""
    with database() as conn:
        rule = rule_versions.rule(conn, key)
        if rule is None or rule.kind != REWARD.key:
            abort(404)
        rows = rewards.reward_redemptions(conn, key, number_in_query("before"), SHOWN + 1)
        left, webhooks = rewards.stock_left(conn).get(key), _webhooks(conn, rows)
        labels = RuleLabels.of(conn)
    view = RewardPage(
        rule=rule,
        cost=cost_of(rule.document),
        left=left,
        redemptions=masked(rows[:SHOWN]),
        labels=labels,
        next_before=rows[SHOWN - 1].number if len(rows) > SHOWN else None,
        webhooks=webhooks,
        may_change=may(Role.PUBLISHER),
    )
    return render_template("rewards/reward.html", view=view)


def _webhooks(conn: Connection, rows: Sequence[Redemption]) -> dict[int, Delivery]:
    """The webhook of each of these redemptions that has one, by the redemption's number."""
    numbers = [redemption.number for redemption in rows if redemption.fulfilment == "webhook"]
    return webhook_deliveries.newest_of_redemptions(conn, numbers) if numbers else {}


@blueprint.post("/redemptions/<int:number>/delivery")
@allow(role=Role.PUBLISHER)
def send_again(number: int) -> ResponseReturnValue:
    """Send a redemption's webhook again from the beginning."""
    redemption = _redemption(number)
    is_queued = redemptions.resend_webhook(settings(), number, actor()) is not None
    flash("Webhook queued." if is_queued else "This redemption has no waiting or failed webhook.", "good")
    return _back(redemption)


@blueprint.post("/redemptions/<int:number>/fulfilment")
@allow(role=Role.PUBLISHER)
def fulfil(number: int) -> ResponseReturnValue:
    """Mark a redemption as fulfilled by hand."""
    redemption = _redemption(number)
    if redemptions.fulfil_redemption(settings(), number, actor()):
        flash(f"{_reward_name(redemption)} for {redemption.player or 'an erased player'} marked as fulfilled.", "good")
    return _back(redemption)


@blueprint.post("/redemptions/<int:number>/refund")
@allow(role=Role.PUBLISHER)
@irreversible
def give_back(number: int) -> ResponseReturnValue:
    """Refund the coins by a counter-entry, once the player's id was typed."""
    redemption = _redemption(number)
    player = redemption.player or abort(404)
    consequence = f"{player} gets {redemption.coins:,} coins back; a coupon that was issued for it is voided."
    title, back = f"Refund {_reward_name(redemption)}?", url_for(".show_one", key=redemption.reward)
    if page := ask_for_name(Confirmation(player, title, consequence, "Refund", back)):
        return page
    reason = request.form.get("reason", "").strip() or "by hand"
    try:
        refunded = redemptions.refund_redemption(settings(), number, actor(), reason[:REASON_LENGTH_MAX])
    except RedemptionNotRefundable as error:
        flash(f"Not refunded: {error}.", "bad")
        return redirect(url_for(".show"), 303)
    flash(f"Refunded {refunded.coins:,} coins to {refunded.player}.", "good")
    return redirect(url_for(".show_one", key=refunded.reward), 303)


def _redemption(number: int) -> Redemption:
    with database() as conn:
        return rewards.redemption_by_number(conn, number) or abort(404)


def _reward_name(redemption: Redemption) -> str:
    with database() as conn:
        return RuleLabels.of(conn).name(redemption.reward)


def _back(redemption: Redemption) -> ResponseReturnValue:
    """To the page of the reward where the form was on it, else to the list."""
    is_from_reward = request.form.get("back") == redemption.reward
    return redirect(url_for(".show_one", key=redemption.reward) if is_from_reward else url_for(".show"), 303)
