"""The simulator: one traffic, four strategies on the same axes, before anybody plays."""

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
from webapp.pages.campaigns.simulation_cards import STRATEGIES, clock_at, simulation_cards
from webapp.pages.campaigns.terms import games_of, zone_of
from webapp.pages.layout import database, may
from webapp.queue import slow_jobs
from webapp.services.campaigns.simulations import simulation_params
from webapp.services.publishing import publish
from webapp.store.campaigns import campaign_rows, game_figures, pools
from webapp.store.campaigns.campaign_rows import Campaign
from webapp.store.rules import rule_versions
from webapp.store.system import page_jobs
from webapp.store.system.connection import Connection

blueprint = Blueprint("simulator", __name__, url_prefix="/campaigns/<key>/games/<game>/simulation")

PLAYS_MAX = 2_000_000
SEEDS_MAX = 100
ALL_PLAYS_MAX = 5_000_000
SHAPES = {
    "steady": "Steady",
    "burst": "First-minute burst",
    "daily": "Daily curve",
    "replay": "As this game was played",
}
LINE_MAX = 80


class TrafficForm(Form):
    """Who comes, how many, when."""

    shape = SelectField("Traffic", choices=choices(SHAPES), default="burst")
    plays = IntegerField("Plays", [DataRequired(), NumberRange(1, PLAYS_MAX)], default=100_000)
    players = IntegerField("Players", [DataRequired(), NumberRange(1, PLAYS_MAX)], default=50_000)
    peak = IntegerField("Peak, plays a second", [DataRequired(), NumberRange(1, 100_000)], default=200)
    coupons = IntegerField("Coupons", [DataRequired(), NumberRange(1, 1_000_000)])
    seed = IntegerField("First seed", [NumberRange(0, 10**9)], default=41)
    runs = IntegerField("Seeds", [DataRequired(), NumberRange(1, SEEDS_MAX)], default=10)

    def validate_runs(self, field: IntegerField) -> None:
        """Bound what one simulation may take."""
        if (field.data or 0) * (self.plays.data or 0) > ALL_PLAYS_MAX:
            most = max(1, ALL_PLAYS_MAX // (self.plays.data or 1))
            raise ValidationError(f"At most {most} with so many plays.")


@blueprint.get("")
@allow(role=Role.VIEWER)
def show(key: str, game: str) -> ResponseReturnValue:
    """The last simulation of a game, and the form of the next one."""
    with database() as conn:
        campaign, raw = _found(conn, key, game)
        last = page_jobs.newest(conn, "simulate", f"{key}/{game}")
        total = sum(pool.initial for pool in pools.pools_of_game(conn, game).values())
    form = TrafficForm(formdata=None, **{"coupons": max(1, total)} | _asked_last(last))
    values = {
        "campaign": campaign,
        "game": raw,
        "job": last,
        "cards": simulation_cards(last.result if last else None, raw, zone_of(campaign.document)),
    }
    values |= {"form": form, "traffic": _drawn(last, raw), "ends": _ends(raw, zone_of(campaign.document))}
    return render("campaigns/simulator.html", "campaigns/_simulation.html", **values, may_change=may(Role.AUTHOR))


@blueprint.post("")
@allow(role=Role.AUTHOR)
def start(key: str, game: str) -> ResponseReturnValue:
    """Simulate: a slow job, whose progress the page shows."""
    form = TrafficForm()
    with database() as conn:
        campaign, raw = _found(conn, key, game)
        if not form.validate_on_submit():
            values = {
                "campaign": campaign,
                "game": raw,
                "job": None,
                "cards": (),
                "form": form,
                "traffic": (),
                "ends": ("", ""),
            }
            return render_template("campaigns/simulator.html", **values, may_change=True), 422
        counted = game_figures.plays_by_slice(conn, game) if form.shape.data == "replay" else []
        traffic = {name: getattr(form, name).data for name in ("shape", "plays", "players", "peak")}
        params = simulation_params(raw, traffic | {"counted": counted}, form.coupons.data or 1, *_seeds(form))
        params |= {"subject": f"{key}/{game}", "limits": campaign.document.get("limits")}
        job = page_jobs.start(conn, "simulate", params | {"timezone": campaign.document.get("timezone")}, actor())
        conn.commit()
    slow_jobs.call(settings(), job)
    return redirect(url_for(".show", key=key, game=game), 303)


@blueprint.post("/stop")
@allow(role=Role.AUTHOR)
def stop(key: str, game: str) -> ResponseReturnValue:
    """Stop the simulation that runs."""
    with database() as conn:
        _found(conn, key, game)
        page_jobs.cancel(conn, "simulate", f"{key}/{game}")
        conn.commit()
    return redirect(url_for(".show", key=key, game=game), 303)


@blueprint.post("/strategy")
@allow(role=Role.PUBLISHER)
def choose(key: str, game: str) -> ResponseReturnValue:
    """Let the game pace by another strategy from now on: a new version of the campaign."""
    strategy = request.form.get("strategy", "")
    if strategy not in STRATEGIES:
        abort(422)
    with database() as conn:
        campaign, _ = _found(conn, key, game)
        live = rule_versions.rule(conn, key) or abort(404)
        applied = publish.apply_documents(conn, [_with_strategy(live.document, game, strategy)], actor(), publish=True)
        conn.commit()
    for problem in applied.problems:
        flash(f"{problem.path}: {problem.message}", "bad")
    if not applied.problems:
        flash(f"{campaign.document['name']} paces by {STRATEGIES[strategy].name.lower()} from now on.", "good")
    return redirect(url_for("campaigns.show_one", key=key, game=game), 303)


def _with_strategy(document: dict[str, Any], game: str, strategy: str) -> dict[str, Any]:
    games_ = [
        raw if raw["key"] != game else raw | {"pacing": (raw.get("pacing") or {}) | {"strategy": strategy}}
        for raw in document["games"]
    ]
    return document | {"games": games_}


def _found(conn: Connection, key: str, game: str) -> tuple[Campaign, dict[str, Any]]:
    campaign = campaign_rows.campaign(conn, key) or abort(404)
    raw = next((each for each in games_of(campaign) if each["key"] == game), None)
    return campaign, raw or abort(404)


def _seeds(form: TrafficForm) -> tuple[int, int]:
    return form.seed.data or 0, form.runs.data or 1


def _asked_last(last: "page_jobs.PageJob | None") -> dict[str, Any]:
    if last is None:
        return {}
    names = ("shape", "plays", "players", "peak")
    traffic = {name: last.params["traffic"][name] for name in names}
    return (
        traffic | {"runs": 1} | {name: last.params[name] for name in ("coupons", "seed", "runs") if name in last.params}
    )


def _drawn(last: "page_jobs.PageJob | None", raw: dict[str, Any]) -> tuple[float, ...]:
    """The traffic of a simulation, at most so many values as a small line can show."""
    if last is None:
        return ()
    weights = weights_of(SimulatedTraffic(**last.params["traffic"]), Game.from_document(raw))
    step = max(1, len(weights) // LINE_MAX)
    return tuple(weights[::step]) if len(weights) > 1 else tuple(weights * 2)


def _ends(raw: dict[str, Any], zone: tzinfo) -> tuple[str, str]:
    game = Game.from_document(raw)
    return clock_at(game.starts_at, zone), clock_at(game.ends_at, zone)
