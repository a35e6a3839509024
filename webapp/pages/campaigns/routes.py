"""Campaigns: the list, one game's budget live, pausing, ending, topping up, taking out, and the figures as CSV."""

import csv
import io

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.coupons.issue import PLACE, STATES, room_problem
from webapp import clock
from webapp.access import Role, actor, allow, settings
from webapp.forms import choices
from webapp.htmx import render
from webapp.jobs import publish
from webapp.jobs.games import stock
from webapp.jobs.games.close import close_campaign
from webapp.pages.campaigns.alerts import alerts
from webapp.pages.campaigns.board import Board, board, chosen, games_of, listed, whole
from webapp.pages.campaigns.crowd import crowd
from webapp.pages.campaigns.forms import TopUpForm, VoidForm
from webapp.pages.frame import database, may
from webapp.store import audit, campaigns, pools
from webapp.store.campaigns import Campaign
from webapp.store.connection import Connection

blueprint = Blueprint("campaigns", __name__, url_prefix="/campaigns")


@blueprint.get("")
@allow(role=Role.VIEWER)
def show() -> ResponseReturnValue:
    """Every launched campaign with what is left of its budget."""
    with database() as conn:
        found = listed(conn, clock.now())
    return render_template("campaigns/list.html", campaigns=found, may_write=may(Role.AUTHOR))


@blueprint.get("/<key>")
@allow(role=Role.VIEWER)
def show_one(key: str) -> ResponseReturnValue:
    """One game's budget: where every coupon is, the burn-down, who wins."""
    with database() as conn:
        campaign, shown = _shown(conn, key)
        made_up, of_all = crowd(conn, key), whole(conn, campaign)
    forms = {"top_up": TopUpForm(formdata=None), "void": VoidForm(formdata=None)}
    for form in forms.values():
        form.brand.choices = choices({row.brand: row.name for row in shown.brands})
    return render(
        "campaigns/page.html",
        "campaigns/_board.html",
        campaign=campaign,
        board=shown,
        alerts=alerts(shown),
        crowd=made_up,
        whole=of_all,
        games=games_of(campaign),
        may_change=may(Role.PUBLISHER),
        **forms,
    )


def _shown(conn: Connection, key: str) -> tuple[Campaign, Board]:
    campaign = campaigns.campaign(conn, key) or abort(404)
    now = clock.now()
    return campaign, board(conn, campaign, chosen(games_of(campaign), request.args.get("game", ""), now), now)


@blueprint.get("/<key>/budget.csv")
@allow(role=Role.VIEWER)
def export(key: str) -> Response:
    """The budgets of all games as CSV."""
    with database() as conn:
        if campaigns.campaign(conn, key) is None:
            abort(404)
        rows = pools.pools_of_campaign(conn, key)
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(["game", "brand", "initial", *STATES])
    writer.writerows([row.game, row.brand, *row.counts().values()] for row in rows)
    head = {"Content-Disposition": f"attachment; filename={key}-budget.csv"}
    return Response(written.getvalue(), content_type="text/csv; charset=utf-8", headers=head)


@blueprint.post("/<key>/pause")
@allow(role=Role.PUBLISHER)
def pause(key: str) -> ResponseReturnValue:
    """Take no more plays; what waits is decided."""
    with database() as conn:
        _known(conn, key)
        publish.pause(conn, key, actor())
        conn.commit()
    flash("No more plays are taken. Plays that wait get their outcome; players see that the game is paused.", "good")
    return redirect(url_for(".show_one", key=key), 303)


@blueprint.post("/<key>/resumption")
@allow(role=Role.PUBLISHER)
def resume(key: str) -> ResponseReturnValue:
    """Take plays again."""
    with database() as conn:
        _known(conn, key)
        applied = publish.resume(conn, key, actor())
        conn.commit()
    for problem in applied.problems:
        flash(f"{problem.path}: {problem.message}", "bad")
    if not applied.problems:
        flash("Plays are taken again.", "good")
    return redirect(url_for(".show_one", key=key), 303)


@blueprint.post("/<key>/end")
@allow(role=Role.PUBLISHER)
def end(key: str) -> ResponseReturnValue:
    """End the campaign for good and publish its seed."""
    if close_campaign(settings(), key, actor()) is None:
        abort(404)
    flash("The campaign has ended. Its seed is public, so that everybody can check every draw.", "good")
    return redirect(url_for(".show_one", key=key), 303)


@blueprint.post("/<key>/games/<game>/coupons")
@allow(role=Role.PUBLISHER)
def top_up(key: str, game: str) -> ResponseReturnValue:
    """Make more coupons of a brand, while the game runs or before."""
    form = TopUpForm()
    with database() as conn:
        budgets = _budgets(conn, key, game)
        form.brand.choices = choices({brand: brand for brand in budgets})
        if not form.validate_on_submit():
            return _say_no(key, game, [str(error) for errors in form.errors.values() for error in errors])
        pool, count = budgets[form.brand.data], form.count.data or 0
        pattern = (form.pattern.data or "").strip() or f"{pool.brand or ''}-".upper().replace("_", "-") + PLACE * 10
        if problem := room_problem(pattern, count + pool.initial):
            return _say_no(key, game, [f"The pattern {pattern} {problem}."])
        added = stock.make_more(conn, settings(), pool, pattern, count).changed
        audit.note(conn, actor(), "coupons.top_up", f"{game}/{pool.brand}", after={"added": added})
        conn.commit()
    flash(f"{added:,} coupons added; what is left is spread anew to the end of the game.", "good")
    return redirect(url_for(".show_one", key=key, game=game), 303)


@blueprint.post("/<key>/games/<game>/voids")
@allow(role=Role.PUBLISHER)
def void(key: str, game: str) -> ResponseReturnValue:
    """Take coupons out of the game that nobody has."""
    form = VoidForm()
    with database() as conn:
        budgets = _budgets(conn, key, game)
        form.brand.choices = choices({brand: brand for brand in budgets})
        if not form.validate_on_submit():
            return _say_no(key, game, [str(error) for errors in form.errors.values() for error in errors])
        gone = -stock.void(conn, settings(), game, form.brand.data, form.count.data or 0).changed
        audit.note(conn, actor(), "coupons.void", f"{game}/{form.brand.data}", after={"voided": abs(gone)})
        conn.commit()
    flash(f"{abs(gone):,} coupons taken out.", "good")
    return redirect(url_for(".show_one", key=key, game=game), 303)


def _say_no(key: str, game: str, reasons: list[str]) -> ResponseReturnValue:
    for reason in reasons:
        flash(reason, "bad")
    return redirect(url_for(".show_one", key=key, game=game), 303)


def _budgets(conn: Connection, key: str, game: str) -> dict[str, pools.Pool]:
    if campaigns.campaign_of_game(conn, game) != key:
        abort(404)
    return pools.pools_of_game(conn, game)


def _known(conn: Connection, key: str) -> Campaign:
    return campaigns.campaign(conn, key) or abort(404)
