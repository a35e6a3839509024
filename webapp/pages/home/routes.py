"""Home: what happens now, live; before the first event, the steps that lead to it."""

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from webapp.http.access import Role, actor, allow, settings
from webapp.http.htmx import wants_fragment
from webapp.pages.home import first_steps, health
from webapp.pages.home.attention import attention
from webapp.pages.home.live_figures import feed_line, feed_lines, live_figures
from webapp.pages.home.view_models import FirstEventPage, FirstStepsPage, HomePage
from webapp.pages.layout import database, may
from webapp.pages.outcome_lines import RuleLabels
from webapp.services.demo import demo_events
from webapp.services.onboarding.first_steps import dismiss_first_steps, send_first_event
from webapp.store.events import rule_activity
from webapp.store.events.event_log import event_key
from webapp.store.people import apps
from webapp.store.system.failing_chores import failing_chores

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
@allow(role=Role.VIEWER)
def show() -> ResponseReturnValue:
    """The first steps until there is an event or somebody dismissed them; from then on what happens now."""
    with database() as conn:
        if first_steps.are_shown(conn):
            health_lines = health.lines(conn, failing_chores(conn))
            steps_page = FirstStepsPage(first_steps.all_steps(conn), health_lines, may_change=may(Role.ADMIN))
            return render_template("home/first_run.html", view=steps_page)
        view = HomePage(live_figures(conn), feed_lines(conn), attention(conn))
        return render_template("home/page.html", view=view)


@blueprint.get("/home/figures")
@allow(role=Role.VIEWER)
def show_figures() -> ResponseReturnValue:
    """The figures and the chart alone, for the live page."""
    with database() as conn:
        return render_template("home/figures.html", figures=live_figures(conn))


@blueprint.get("/home/feed")
@allow(role=Role.VIEWER)
def show_feed() -> ResponseReturnValue:
    """The latest awards alone, for the live page."""
    with database() as conn:
        return render_template("home/_feed.html", feed=feed_lines(conn))


@blueprint.get("/home/care")
@allow(role=Role.VIEWER)
def show_care() -> ResponseReturnValue:
    """What needs attention and how the parts are doing, for the live page."""
    with database() as conn:
        return render_template("home/_care.html", attention=attention(conn))


@blueprint.post("/first-steps/dismissal")
@allow(role=Role.VIEWER)
def dismiss_steps() -> ResponseReturnValue:
    """Dismiss the first steps, for everybody."""
    dismiss_first_steps(settings())
    return redirect(url_for(".show"), 303)


@blueprint.post("/demo/<change>")
@allow(role=Role.PUBLISHER)
def change_demo(change: str) -> ResponseReturnValue:
    """Stop the demo's replay, or resume it."""
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
    """What a first event did, once it has arrived: a fragment that htmx polls until then, or a page."""
    with database() as conn:
        number = apps.app_id(conn, app) or abort(404)
        award, _ = rule_activity.outcome_of_event(conn, event_key(number, event_id))
        arrived = feed_line(award, RuleLabels.of(conn)) if award else None
    if wants_fragment():
        return render_template("home/_arrived.html", event=arrived) if arrived else ("", 204)
    return render_template("home/waiting.html", view=FirstEventPage(arrived, app, event_id))
