"""The simulator: the same traffic with all four strategies on the same axes, before anybody plays."""

from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import IntegerField, SelectField
from wtforms.validators import DataRequired, NumberRange, ValidationError

from engine.coupons.game import Game
from engine.coupons.simulation.traffic import SimulatedTraffic, weights_of
from webapp.http.access import Role, actor, allow, settings
from webapp.http.form_base import Form, choices
from webapp.http.htmx import render
from webapp.pages.campaigns.simulation_cards import STRATEGIES, SimulationCard, clock_at, simulation_cards
from webapp.pages.campaigns.terms import zone_of
from webapp.pages.layout import database, may
from webapp.services.campaigns.pacing_strategy import choose_strategy
from webapp.services.campaigns.planned_campaigns import PlannedCampaign, is_complete, planned_campaign
from webapp.services.campaigns.start_simulation import (
    SIMULATE,
    SimulationRequest,
    simulation_subject,
    start_simulation,
    stop_simulation,
)
from webapp.services.coupons.stock import wanted_count
from webapp.store.campaigns import campaign_rows, pools
from webapp.store.campaigns.campaign_rows import Campaign
from webapp.store.system import page_jobs
from webapp.store.system.connection import Connection
from webapp.store.system.page_jobs import PageJob

blueprint = Blueprint("simulator", __name__, url_prefix="/campaigns/<key>/games/<game>/simulation")

PLAYS_MAX = 2_000_000
SEEDS_MAX = 100
ALL_PLAYS_MAX = 5_000_000
SHAPES = {
    "steady": "Steady",
    "burst": "First-minute burst",
    "daily": "Daily curve",
    "replay": "As in this game",
}
SPARKLINE_VALUES = 80
TRAFFIC_FIELDS = ("shape", "plays", "players", "peak")


class TrafficForm(Form):
    """How many plays by how many players, and how they spread over the game."""

    shape = SelectField("Traffic", choices=choices(SHAPES), default="burst")
    plays = IntegerField("Plays", [DataRequired(), NumberRange(1, PLAYS_MAX)], default=100_000)
    players = IntegerField("Players", [DataRequired(), NumberRange(1, PLAYS_MAX)], default=50_000)
    peak = IntegerField("Peak plays a second", [DataRequired(), NumberRange(1, 100_000)], default=200)
    coupons = IntegerField("Coupons", [DataRequired(), NumberRange(1, 1_000_000)])
    seed = IntegerField("First seed", [NumberRange(0, 10**9)], default=41)
    runs = IntegerField("Seeds", [DataRequired(), NumberRange(1, SEEDS_MAX)], default=10)

    def validate_runs(self, field: IntegerField) -> None:
        """Bound the plays of all runs together."""
        if (field.data or 0) * (self.plays.data or 0) > ALL_PLAYS_MAX:
            limit = max(1, ALL_PLAYS_MAX // (self.plays.data or 1))
            raise ValidationError(f"At most {limit} with that many plays.")


@dataclass(frozen=True, slots=True)
class SimulatorPage:
    """The last simulation of a game, the traffic it drew, and the form of the next.

    `ends` are the clock times at which the game starts and ends. A campaign that is not launched is one that is
    planned: with its draft everything about it can be changed.
    """

    campaign: Campaign | PlannedCampaign
    game: dict[str, Any]
    job: PageJob | None
    cards: tuple[SimulationCard, ...]
    form: TrafficForm
    traffic: tuple[float, ...]
    ends: tuple[str, str]
    may_change: bool

    @property
    def is_launched(self) -> bool:
        """Whether the campaign has a page of its own."""
        return isinstance(self.campaign, Campaign)

    @property
    def name(self) -> str:
        """The name of the campaign."""
        return str(self.campaign.document.get("name") or self.campaign.key)


@blueprint.get("")
@allow(role=Role.VIEWER)
def show(key: str, game: str) -> ResponseReturnValue:
    """The last simulation of a game, and the form of the next one."""
    with database() as conn:
        campaign, raw = _campaign_and_game(conn, key, game)
        if not isinstance(campaign, Campaign) and not is_complete(conn, key):
            flash("The draft has errors. Correct them, and it can be simulated.", "bad")
            return redirect(url_for("drafts.review", key=key), 303)
        job = page_jobs.newest(conn, SIMULATE, simulation_subject(key, game))
        total = _coupon_count(conn, campaign, raw)
    zone = zone_of(campaign.document)
    view = SimulatorPage(
        campaign=campaign,
        game=raw,
        job=job,
        cards=simulation_cards(job.result if job else None, raw, zone),
        form=TrafficForm(formdata=None, **{"coupons": max(1, total)} | _last_choices(job)),
        traffic=_drawn_traffic(job, raw),
        ends=_ends(raw, zone),
        may_change=may(Role.AUTHOR),
    )
    return render("campaigns/simulator.html", "campaigns/_simulation.html", view=view)


@blueprint.post("")
@allow(role=Role.AUTHOR)
def start(key: str, game: str) -> ResponseReturnValue:
    """Start a simulation: a slow job, whose progress the page shows."""
    form = TrafficForm()
    with database() as conn:
        campaign, raw = _campaign_and_game(conn, key, game)
        if not isinstance(campaign, Campaign) and not is_complete(conn, key):
            abort(409)
        if not form.validate_on_submit():
            view = SimulatorPage(campaign, raw, None, (), form, (), ("", ""), may_change=True)
            return render_template("campaigns/simulator.html", view=view), 422
    requested = SimulationRequest(
        traffic={name: getattr(form, name).data for name in TRAFFIC_FIELDS},
        coupons=form.coupons.data or 1,
        first_seed=form.seed.data or 0,
        runs=form.runs.data or 1,
    )
    start_simulation(settings(), campaign, raw, requested, actor())
    return redirect(url_for(".show", key=key, game=game), 303)


@blueprint.post("/stop")
@allow(role=Role.AUTHOR)
def stop(key: str, game: str) -> ResponseReturnValue:
    """Stop the running simulation."""
    with database() as conn:
        _campaign_and_game(conn, key, game)
    stop_simulation(settings(), key, game)
    return redirect(url_for(".show", key=key, game=game), 303)


@blueprint.post("/strategy")
@allow(role=Role.PUBLISHER)
def choose(key: str, game: str) -> ResponseReturnValue:
    """Pace the game by another strategy from now on: a new version of the campaign."""
    strategy = request.form.get("strategy", "")
    if strategy not in STRATEGIES:
        abort(422)
    with database() as conn:
        campaign, _ = _campaign_and_game(conn, key, game)
    if not isinstance(campaign, Campaign):
        abort(409)  # it is still in its draft that this is chosen
    applied = choose_strategy(settings(), key, game, strategy, actor())
    for problem in applied.problems:
        flash(f"{problem.path}: {problem.message}", "bad")
    if not applied.problems:
        flash(f"{campaign.document['name']} now uses {STRATEGIES[strategy].name.lower()}.", "good")
    return redirect(url_for("campaigns.show_one", key=key, game=game), 303)


def _campaign_and_game(conn: Connection, key: str, game: str) -> tuple[Campaign | PlannedCampaign, dict[str, Any]]:
    campaign = campaign_rows.campaign(conn, key) or planned_campaign(conn, key) or abort(404)
    raw = next((raw for raw in campaign.document.get("games") or [] if raw.get("key") == game), None)
    return campaign, raw or abort(404)


def _coupon_count(conn: Connection, campaign: Campaign | PlannedCampaign, raw: dict[str, Any]) -> int:
    """The coupons of a game: those it has, or before the launch those that its document asks for."""
    if isinstance(campaign, Campaign):
        return sum(pool.initial for pool in pools.pools_of_game(conn, raw["key"]).values())
    stocks = [budget.get("coupons") or {} for budget in raw["budgets"]]
    return sum(wanted_count({"coupons": stock}) + len(stock.get("codes") or ()) for stock in stocks)


def _last_choices(job: PageJob | None) -> dict[str, Any]:
    """What was chosen for the last simulation; `runs` is missing in old ones, which ran once."""
    if job is None:
        return {}
    traffic = {name: job.params["traffic"][name] for name in TRAFFIC_FIELDS}
    others = {name: job.params[name] for name in ("coupons", "seed", "runs") if name in job.params}
    return traffic | {"runs": 1} | others


def _drawn_traffic(job: PageJob | None, raw: dict[str, Any]) -> tuple[float, ...]:
    """The traffic of a simulation, thinned to what a sparkline can show; at least two values."""
    if job is None:
        return ()
    weights = weights_of(SimulatedTraffic(**job.params["traffic"]), Game.from_document(raw))
    step = max(1, len(weights) // SPARKLINE_VALUES)
    return tuple(weights[::step]) if len(weights) > 1 else tuple(weights * 2)


def _ends(raw: dict[str, Any], zone: tzinfo) -> tuple[str, str]:
    game = Game.from_document(raw)
    return clock_at(game.starts_at, zone), clock_at(game.ends_at, zone)
