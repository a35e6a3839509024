"""The synthetic traffic of the demo's campaign: started, changed and stopped from its dashboard."""

from dataclasses import dataclass

from flask import Blueprint, abort, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from wtforms import FloatField
from wtforms.validators import DataRequired, NumberRange

from webapp.http.access import Role, actor, allow, settings
from webapp.http.form_base import Form
from webapp.pages.layout import database
from webapp.services.campaigns import synthetic_traffic
from webapp.services.campaigns.synthetic_traffic import PER_SECOND_MAX, NoSyntheticTraffic, TrafficState
from webapp.store.system.connection import Connection

blueprint = Blueprint("synthetic_traffic", __name__, url_prefix="/campaigns/<key>/traffic")


class TrafficRateForm(Form):
    """How many plays a second are sent."""

    per_second = FloatField(
        "Plays a second",
        [DataRequired("Enter a number."), NumberRange(0.01, PER_SECOND_MAX, f"Between 0.01 and {PER_SECOND_MAX:g}.")],
    )


@dataclass(frozen=True, slots=True)
class ShownTraffic:
    """What the generator does for a campaign, and the form that changes its rate."""

    state: TrafficState
    form: TrafficRateForm


def shown_traffic(conn: Connection, key: str) -> ShownTraffic | None:
    """The synthetic traffic of a campaign; None where it has real players, not the demo's."""
    state = synthetic_traffic.traffic_state(conn)
    if state.campaign != key:
        return None
    return ShownTraffic(state, TrafficRateForm(formdata=None, per_second=state.per_second))


@blueprint.post("")
@allow(role=Role.PUBLISHER)
def start(key: str) -> ResponseReturnValue:
    """Start the traffic, or change its rate."""
    form = TrafficRateForm()
    with database() as conn:
        shown_traffic(conn, key) or abort(404)
    if form.validate_on_submit():
        synthetic_traffic.change_traffic(settings(), key, form.per_second.data or 0, actor())
    for errors in form.errors.values():
        flash(f"Plays a second: {errors[0]}", "bad")
    return redirect(url_for("campaigns.show_one", key=key), 303)


@blueprint.post("/stop")
@allow(role=Role.PUBLISHER)
def stop(key: str) -> ResponseReturnValue:
    """Send nothing more."""
    try:
        synthetic_traffic.end_traffic(settings(), key, actor())
    except NoSyntheticTraffic:
        abort(404)
    return redirect(url_for("campaigns.show_one", key=key), 303)
