"""Campaigns: the list, the budget of a game or of all live and as CSV, pausing, ending, topping up, taking out."""

import csv
import io
from itertools import chain

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.coupons.issue import PLACEHOLDER, STATES, pattern_problem
from webapp.http.access import Role, actor, allow, settings
from webapp.http.form_base import choices
from webapp.http.htmx import render
from webapp.pages.campaigns.alerts import alerts
from webapp.pages.campaigns.dashboard import board, listed
from webapp.pages.campaigns.forms import TopUpForm, VoidForm
from webapp.pages.campaigns.synthetic_traffic import crowd
from webapp.pages.campaigns.terms import games_of
from webapp.pages.layout import database, may
from webapp.runtime import clock
from webapp.services.campaigns.close_campaign import close_campaign
from webapp.services.coupons import stock
from webapp.services.publishing import publish
from webapp.store.campaigns import campaign_rows, pools
from webapp.store.campaigns.campaign_rows import Campaign
from webapp.store.campaigns.pools import CouponPool
from webapp.store.people import audit
from webapp.store.system.connection import Connection

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
    """The budget of a game, or of all: where every coupon is, the burn-down, who wins."""
    with database() as conn:
        campaign = _known(conn, key)
        shown = board(conn, campaign, request.args.get("game", ""), clock.now())
        made_up = crowd(conn, key)
    forms = {"top_up": TopUpForm(formdata=None), "void": VoidForm(formdata=None)}
    for form in forms.values():
        form.brand.choices = choices({row.key: row.name for row in shown.brands})
    return render(
        "campaigns/page.html",
        "campaigns/_board.html",
        campaign=campaign,
        board=shown,
        alerts=alerts(shown),
        crowd=made_up,
        games=games_of(campaign),
        may_change=may(Role.PUBLISHER),
        **forms,
    )


@blueprint.get("/<key>/budget.csv")
@allow(role=Role.VIEWER)
def export(key: str) -> Response:
    """The budgets of all games as CSV."""
    with database() as conn:
        if campaign_rows.campaign(conn, key) is None:
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
    """Resume plays."""
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
        pool = _asked(conn, key, game, form)
        if pool is None:
            return _back(key, game)
        count = form.count.data or 0
        brand_prefix = f"{pool.brand or ''}-".upper().replace("_", "-")
        pattern = (form.pattern.data or "").strip() or brand_prefix + PLACEHOLDER * 10
        if problem := pattern_problem(pattern, count + pool.initial):
            flash(f"The pattern {pattern} {problem}.", "bad")
            return _back(key, game)
        added = stock.top_up_by_pattern(conn, settings(), pool, pattern, count).changed
        audit.note(conn, actor(), "coupons.top_up", f"{game}/{pool.brand}", after={"added": added})
        conn.commit()
    flash(f"{added:,} coupons added; what is left is spread anew to the end of the game.", "good")
    return _back(key, game)


@blueprint.post("/<key>/games/<game>/voids")
@allow(role=Role.PUBLISHER)
def void(key: str, game: str) -> ResponseReturnValue:
    """Take coupons out of the game that nobody has."""
    form = VoidForm()
    with database() as conn:
        pool = _asked(conn, key, game, form)
        if pool is None:
            return _back(key, game)
        gone = stock.void_available(conn, settings(), game, str(pool.brand), form.count.data or 0).changed
        audit.note(conn, actor(), "coupons.void", f"{game}/{pool.brand}", after={"voided": gone})
        conn.commit()
    flash(f"{gone:,} coupons taken out.", "good")
    return _back(key, game)


def _asked(conn: Connection, key: str, game: str, form: TopUpForm | VoidForm) -> CouponPool | None:
    """The budget that a form is about; None, and the reasons told, where it is not filled in well."""
    if campaign_rows.campaign_of_game(conn, game) != key:
        abort(404)
    budgets = pools.pools_of_game(conn, game)
    form.brand.choices = choices({brand: brand for brand in budgets})
    if form.validate_on_submit():
        return budgets[form.brand.data]
    for error in chain.from_iterable(form.errors.values()):
        flash(str(error), "bad")
    return None


def _back(key: str, game: str) -> ResponseReturnValue:
    return redirect(url_for(".show_one", key=key, game=game), 303)


def _known(conn: Connection, key: str) -> Campaign:
    return campaign_rows.campaign(conn, key) or abort(404)
