"""The made-up traffic of the demo's campaign, from its dashboard: started, changed and stopped."""

from flask import Blueprint, abort, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from wtforms import FloatField
from wtforms.validators import DataRequired, NumberRange

from webapp.http.access import Role, actor, allow
from webapp.http.form_base import Form
from webapp.pages.layout import database
from webapp.services.campaigns import synthetic_traffic
from webapp.services.campaigns.synthetic_traffic import PER_SECOND_MAX, TrafficState
from webapp.store.people import audit
from webapp.store.system.connection import Connection

blueprint = Blueprint("crowd", __name__, url_prefix="/campaigns/<key>/traffic")


class CrowdForm(Form):
    """How often people press play."""

    per_second = FloatField(
        "Plays a second",
        [DataRequired("Say how many."), NumberRange(0.01, PER_SECOND_MAX, f"Between 0.01 and {PER_SECOND_MAX:g}.")],
    )


def crowd(conn: Connection, key: str) -> tuple[TrafficState, CrowdForm] | None:
    """What the generator does for this campaign; None where it is not the demo's, whose players are made up."""
    now = synthetic_traffic.traffic_state(conn)
    if now.campaign != key:
        return None
    return now, CrowdForm(formdata=None, per_second=now.per_second)


@blueprint.post("")
@allow(role=Role.PUBLISHER)
def start(key: str) -> ResponseReturnValue:
    """Let people play so often, or change how often."""
    form = CrowdForm()
    with database() as conn:
        crowd(conn, key) or abort(404)
        if form.validate_on_submit():
            synthetic_traffic.start_traffic(conn, key, form.per_second.data or 0)
            audit.note(conn, actor(), "traffic.start", key, after={"per_second": form.per_second.data})
            conn.commit()
    for errors in form.errors.values():
        flash(f"Plays a second: {errors[0]}", "bad")
    return redirect(url_for("campaigns.show_one", key=key), 303)


@blueprint.post("/stop")
@allow(role=Role.PUBLISHER)
def stop(key: str) -> ResponseReturnValue:
    """Send nothing more."""
    with database() as conn:
        crowd(conn, key) or abort(404)
        synthetic_traffic.stop_traffic(conn)
        audit.note(conn, actor(), "traffic.stop", key)
        conn.commit()
    return redirect(url_for("campaigns.show_one", key=key), 303)
