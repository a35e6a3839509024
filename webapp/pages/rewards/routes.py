"""Rewards: what is offered and left, what waits to be handed out, refunds."""

from collections.abc import Sequence

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.coupons.reward import cost_of
from engine.kinds.reward import REWARD
from webapp.http.access import Role, actor, allow, settings
from webapp.pages.layout import database, may
from webapp.services.pipeline.relay import try_relay
from webapp.services.rewards.redeem_reward import RedemptionNotRefundable, refund
from webapp.services.webhooks.send_deliveries import hint_deliveries
from webapp.store.campaigns import rewards
from webapp.store.campaigns.rewards import Redemption
from webapp.store.people import audit
from webapp.store.rules import rule_versions
from webapp.store.system import deliveries
from webapp.store.system.connection import Connection
from webapp.store.system.deliveries import Delivery

blueprint = Blueprint("rewards", __name__, url_prefix="/rewards")
SHOWN = 50


@blueprint.get("")
@allow(role=Role.VIEWER)
def show() -> ResponseReturnValue:
    """The live rewards, and the redemptions that wait for somebody."""
    with database() as conn:
        left, counts = rewards.stock_left(conn), rewards.redemption_counts(conn)
        live = [rule for rule in rule_versions.all_rules(conn, kind=REWARD.key) if rule.status in {"live", "paused"}]
        waiting = rewards.pending_redemptions(conn, SHOWN)
        owed = _owed(conn, waiting)
    rows = [(rule, cost_of(rule.document), left.get(rule.key), counts.get(rule.key, {})) for rule in live]
    rights = {"may_change": may(Role.PUBLISHER), "may_write": may(Role.AUTHOR)}
    return render_template("rewards/page.html", rows=rows, waiting=waiting, owed=owed, **rights)


@blueprint.get("/<key>")
@allow(role=Role.VIEWER)
def show_one(key: str) -> ResponseReturnValue:
    """The redemptions of one reward, the newest first."""
    before = request.args.get("before", "")
    with database() as conn:
        rule = rule_versions.rule(conn, key)
        if rule is None or rule.kind != REWARD.key:
            abort(404)
        found = rewards.reward_redemptions(conn, key, int(before) if before.isdecimal() else None, SHOWN + 1)
        left, owed = rewards.stock_left(conn).get(key), _owed(conn, found)
    more = found[SHOWN - 1].number if len(found) > SHOWN else None
    values = {"rule": rule, "redemptions": found[:SHOWN], "left": left, "more": more, "cost": cost_of(rule.document)}
    return render_template("rewards/reward.html", **values, owed=owed, may_change=may(Role.PUBLISHER))


def _owed(conn: Connection, redemptions: Sequence[Redemption]) -> dict[int, Delivery]:
    """How far the webhook of each of these redemptions is, where it has one."""
    numbers = [each.number for each in redemptions if each.fulfilment == "webhook"]
    return deliveries.of_redemptions(conn, numbers) if numbers else {}


@blueprint.post("/redemptions/<int:number>/delivery")
@allow(role=Role.PUBLISHER)
def send_again(number: int) -> ResponseReturnValue:
    """Have a redemption's webhook sent again from the beginning."""
    with database() as conn:
        known = rewards.redemption_by_number(conn, number) or abort(404)
        is_sent = deliveries.send_again(conn, number)
        if is_sent:
            audit.note(conn, actor(), "redemption.send_again", f"redemption:{number}")
        conn.commit()
    if is_sent:
        hint_deliveries(settings())
    flash("The webhook is sent again." if is_sent else "No webhook of it waits or has failed.", "good")
    is_one = request.form.get("back") == known.reward
    return redirect(url_for(".show_one", key=known.reward) if is_one else url_for(".show"), 303)


@blueprint.post("/redemptions/<int:number>/fulfilment")
@allow(role=Role.PUBLISHER)
def fulfil(number: int) -> ResponseReturnValue:
    """Somebody has handed it out."""
    with database() as conn:
        known = rewards.redemption_by_number(conn, number) or abort(404)
        if rewards.close_redemption(conn, number, "fulfilled", actor(), None):
            audit.note(conn, actor(), "redemption.fulfilled", f"redemption:{number}")
            conn.commit()
            flash(f"{known.reward} for {known.player or 'an erased player'} is handed out.", "good")
    is_one = request.form.get("back") == known.reward
    return redirect(url_for(".show_one", key=known.reward) if is_one else url_for(".show"), 303)


@blueprint.post("/redemptions/<int:number>/refund")
@allow(role=Role.PUBLISHER)
def give_back(number: int) -> ResponseReturnValue:
    """Give the coins back by a counter-entry."""
    reason = request.form.get("reason", "").strip() or "by hand"
    with database() as conn:
        try:
            made = refund(conn, number, actor(), reason[:500])
        except RedemptionNotRefundable as error:
            flash(f"Not refunded: {error}.", "bad")
            return redirect(url_for(".show"), 303)
        audit.note(conn, actor(), "redemption.refund", f"redemption:{number}", after={"reason": reason})
        conn.commit()
    try_relay(settings())
    flash(f"{made.player} has {made.coins:,} coins back.", "good")
    return redirect(url_for(".show_one", key=made.reward), 303)
