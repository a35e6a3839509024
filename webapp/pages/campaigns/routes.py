"""Campaigns: the list, the live budget of a game or of all and as CSV; pause, end, top up, void."""

from itertools import chain

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.coupons.issue import STATES
from webapp.http.access import Role, actor, allow, settings
from webapp.http.form_base import choices
from webapp.http.htmx import render
from webapp.pages.campaigns.alerts import budget_alerts
from webapp.pages.campaigns.dashboard import budget_dashboard, listed_campaigns
from webapp.pages.campaigns.forms import TopUpForm, VoidForm
from webapp.pages.campaigns.synthetic_traffic import shown_traffic
from webapp.pages.campaigns.terms import games_of
from webapp.pages.campaigns.view_models import CampaignPage, CampaignsPage
from webapp.pages.confirmation import Confirmation, ask_for_name, irreversible
from webapp.pages.csv_files import csv_download
from webapp.pages.layout import database, may
from webapp.runtime import clock
from webapp.services.campaigns.campaign_seeds import seed_of
from webapp.services.campaigns.close_campaign import close_campaign
from webapp.services.campaigns.planned_campaigns import planned_campaigns
from webapp.services.coupons import budget_changes
from webapp.services.coupons.budget_changes import PatternMissing, PatternTooShort
from webapp.services.publishing import rule_changes
from webapp.store.campaigns import campaign_rows, pools
from webapp.store.campaigns.campaign_rows import Campaign
from webapp.store.system.connection import Connection

blueprint = Blueprint("campaigns", __name__, url_prefix="/campaigns")


@blueprint.get("")
@allow(role=Role.VIEWER)
def show() -> ResponseReturnValue:
    """Every launched campaign with what is left of its budget, and those that are still planned."""
    with database() as conn:
        view = CampaignsPage(listed_campaigns(conn, clock.now()), planned_campaigns(conn), may_write=may(Role.AUTHOR))
    return render_template("campaigns/list.html", view=view)


@blueprint.get("/<key>")
@allow(role=Role.VIEWER)
def show_one(key: str) -> ResponseReturnValue:
    """The budget of a game, or of all: where every coupon is, the burn-down, the winners."""
    with database() as conn:
        campaign = _campaign(conn, key)
        dashboard = budget_dashboard(conn, campaign, request.args.get("game", ""), clock.now())
        traffic = shown_traffic(conn, key)
        seed = seed_of(conn, settings(), campaign).hex() if campaign.is_closed else None
    top_up_form, void_form = TopUpForm(formdata=None), VoidForm(formdata=None)
    top_up_form.brand.choices = void_form.brand.choices = choices({row.key: row.name for row in dashboard.brands})
    view = CampaignPage(
        campaign=campaign,
        dashboard=dashboard,
        alerts=budget_alerts(dashboard),
        games=games_of(campaign),
        traffic=traffic,
        top_up=top_up_form,
        void=void_form,
        seed=seed,
        may_change=may(Role.PUBLISHER),
    )
    return render("campaigns/page.html", "campaigns/_dashboard.html", view=view)


@blueprint.get("/<key>/budget.csv")
@allow(role=Role.VIEWER)
def export(key: str) -> Response:
    """The budgets of all games as CSV."""
    with database() as conn:
        if campaign_rows.campaign(conn, key) is None:
            abort(404)
        rows = pools.pools_of_campaign(conn, key)
    page = [(row.game, row.brand, *row.counts().values()) for row in rows]
    return csv_download(f"{key}-budget.csv", ("game", "brand", "initial", *STATES), [page])


@blueprint.post("/<key>/pause")
@allow(role=Role.PUBLISHER)
def pause(key: str) -> ResponseReturnValue:
    """Take no more plays; plays that wait are decided."""
    with database() as conn:
        _campaign(conn, key)
    rule_changes.pause_rule(settings(), key, actor())  # no rule can need a campaign
    flash("Plays are paused. Waiting plays still get their outcome; players see that the game is paused.", "good")
    return redirect(url_for(".show_one", key=key), 303)


@blueprint.post("/<key>/resumption")
@allow(role=Role.PUBLISHER)
def resume(key: str) -> ResponseReturnValue:
    """Resume plays."""
    with database() as conn:
        _campaign(conn, key)
    applied = rule_changes.resume_rule(settings(), key, actor())
    for problem in applied.problems:
        flash(f"{problem.path}: {problem.message}", "bad")
    if not applied.problems:
        flash("Plays are open again.", "good")
    return redirect(url_for(".show_one", key=key), 303)


@blueprint.post("/<key>/end")
@allow(role=Role.PUBLISHER)
@irreversible
def end(key: str) -> ResponseReturnValue:
    """End the campaign for good and publish its seed, once its name was typed."""
    with database() as conn:
        name = _campaign(conn, key).document["name"]
    consequence = "No more plays are accepted, waiting plays are decided, and the seed of all draws is published."
    confirmation = Confirmation(name, f"End {name}?", consequence, "End the campaign", url_for(".show_one", key=key))
    if page := ask_for_name(confirmation):
        return page
    if close_campaign(settings(), key, actor()) is None:
        abort(404)
    flash("The campaign has ended. Its seed is public, so anyone can verify every draw.", "good")
    return redirect(url_for(".show_one", key=key), 303)


@blueprint.post("/<key>/games/<game>/coupons")
@allow(role=Role.PUBLISHER)
def top_up(key: str, game: str) -> ResponseReturnValue:
    """Add coupons of a brand, before the game or while it runs."""
    form = TopUpForm()
    if _is_valid(form, key, game):
        count, pattern = form.count.data or 0, form.pattern.data or ""
        try:
            added = budget_changes.top_up_budget(settings(), game, form.brand.data, pattern, count, actor())
        except (PatternTooShort, PatternMissing) as refused:
            flash(str(refused), "bad")
        else:
            flash(f"{added:,} coupons added. The remaining coupons are spread over the rest of the game.", "good")
    return redirect(url_for(".show_one", key=key, game=game), 303)


@blueprint.post("/<key>/games/<game>/voids")
@allow(role=Role.PUBLISHER)
@irreversible
def void(key: str, game: str) -> ResponseReturnValue:
    """Void coupons of the game that nobody has, once the brand was typed."""
    form = VoidForm()
    if _is_valid(form, key, game):
        brand, count = str(form.brand.data), form.count.data or 0
        title, back = f"Void {count:,} coupons of {brand}?", url_for(".show_one", key=key, game=game)
        confirmation = Confirmation(brand, title, "Nobody can win them any more.", "Void the coupons", back)
        if page := ask_for_name(confirmation):
            return page
        voided = budget_changes.void_from_budget(settings(), game, brand, count, actor())
        flash(f"{voided:,} coupons voided.", "good")
    return redirect(url_for(".show_one", key=key, game=game), 303)


def _is_valid(form: TopUpForm | VoidForm, key: str, game: str) -> bool:
    """Whether a form about a brand of this game is valid; if not, its errors are flashed."""
    with database() as conn:
        if campaign_rows.campaign_of_game(conn, game) != key:
            abort(404)
        form.brand.choices = choices({brand: brand for brand in pools.pools_of_game(conn, game)})
    if form.validate_on_submit():
        return True
    for error in chain.from_iterable(form.errors.values()):
        flash(str(error), "bad")
    return False


def _campaign(conn: Connection, key: str) -> Campaign:
    return campaign_rows.campaign(conn, key) or abort(404)
