"""Home: what happens now, live; before the first event, the steps that lead to it."""

from typing import Any

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from webapp.http.access import Role, actor, allow, settings
from webapp.http.htmx import wants_fragment
from webapp.pages.home import budgets, first_steps, health, live_figures
from webapp.pages.layout import database, may
from webapp.pages.outcome_lines import Known
from webapp.runtime import clock
from webapp.services.demo import demo_events
from webapp.services.onboarding.first_steps import dismiss_first_steps, send_first_event
from webapp.store.events import fault_log, parked_entries, rule_activity
from webapp.store.events.event_log import event_key
from webapp.store.people import apps
from webapp.store.rules import submissions
from webapp.store.system import page_counts
from webapp.store.system.connection import Connection

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
@allow(role=Role.VIEWER)
def show() -> ResponseReturnValue:
    """The first steps until there is an event or somebody put them away; from then on what happens now."""
    with database() as conn:
        if first_steps.are_shown(conn):
            return render_template(
                "home/first_run.html",
                steps=first_steps.all_steps(conn),
                health=health.lines(conn),
                may_change=may(Role.ADMIN),
            )
        return render_template("home/page.html", **_all(conn))


@blueprint.get("/home/figures")
@allow(role=Role.VIEWER)
def show_figures() -> ResponseReturnValue:
    """The figures and the chart alone, for the live page."""
    with database() as conn:
        return render_template("home/figures.html", **live_figures.values(conn))


@blueprint.get("/home/feed")
@allow(role=Role.VIEWER)
def show_feed() -> ResponseReturnValue:
    """The latest awards alone, for the live page."""
    with database() as conn:
        return render_template("home/_feed.html", feed=live_figures.feed(conn))


@blueprint.get("/home/care")
@allow(role=Role.VIEWER)
def show_care() -> ResponseReturnValue:
    """What needs a person and how the parts are, for the live page."""
    with database() as conn:
        return render_template("home/_care.html", **_care(conn))


@blueprint.post("/first-steps/dismissal")
@allow(role=Role.VIEWER)
def dismiss_steps() -> ResponseReturnValue:
    """Put the first steps away, for everybody."""
    dismiss_first_steps(settings())
    return redirect(url_for(".show"), 303)


@blueprint.post("/demo/<change>")
@allow(role=Role.PUBLISHER)
def change_demo(change: str) -> ResponseReturnValue:
    """Stop the demo's trickle, or let it go on."""
    changes = {"stop": demo_events.stop_demo, "go-on": demo_events.start_demo}
    change_state = changes.get(change) or abort(404)
    change_state(settings(), actor())
    return redirect(url_for(".show"), 303)


@blueprint.post("/first-event")
@allow(role=Role.ADMIN)
def send_for_me() -> ResponseReturnValue:
    """Send a first event on somebody's behalf, into the default app."""
    event_id = send_first_event(settings())
    return redirect(url_for(".wait_for", app=apps.DEFAULT_APP, event_id=event_id), 303)


@blueprint.get("/first-event/<app>/<event_id>")
@allow(role=Role.VIEWER)
def wait_for(app: str, event_id: str) -> ResponseReturnValue:
    """What a first event brought, once it is here: a fragment that htmx asks for until then, or a page."""
    with database() as conn:
        number = apps.app_id(conn, app) or abort(404)
        award, _ = rule_activity.outcome_of_event(conn, event_key(number, event_id))
        arrived = live_figures.told(award, Known.of(conn)) if award else None
    if wants_fragment():
        return render_template("home/_arrived.html", event=arrived) if arrived else ("", 204)
    return render_template("home/waiting.html", event=arrived, app=app, event_id=event_id)


def _all(conn: Connection) -> dict[str, Any]:
    return {**live_figures.values(conn), "feed": live_figures.feed(conn), **_care(conn)}


def _care(conn: Connection) -> dict[str, Any]:
    return {
        "asides": parked_entries.list_parked(conn, is_settled=False, limit=1),
        "waiting": page_counts.counts(conn).parked,
        "faulty": fault_log.faulty_rules(conn),
        "submissions": submissions.waiting(conn),
        "returned": submissions.returned_to(conn, actor()),
        "budgets": budgets.running_campaigns(conn, clock.now()),
        "health": health.lines(conn),
        "demo": demo_events.demo_state(conn),
        "may_publish": may(Role.PUBLISHER),
    }
