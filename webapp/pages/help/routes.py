"""Help: how things work, with tables of facts and operators made from what the engine itself uses."""

from itertools import groupby

from flask import Blueprint, current_app, render_template
from flask.typing import ResponseReturnValue

from engine.language.operators import OPERATORS
from webapp.http.access import Role, allow
from webapp.pages.help import pacing, speed
from webapp.pages.help.burn_downs import COUPONS
from webapp.pages.help.view_models import (
    ApiArea,
    ApiOperation,
    ApiPage,
    FactsPage,
    FactsSection,
    OperatorsHelpPage,
    OperatorsSection,
    PacingPage,
    SpeedPage,
    WebhooksPage,
)
from webapp.pages.layout import database
from webapp.services.webhooks.send_deliveries import ANSWER_SECONDS, PAUSES
from webapp.store.events import seen_properties

blueprint = Blueprint("help", __name__, url_prefix="/help")
DAY_SECONDS = 24 * 3600


@blueprint.get("")
@allow(role=Role.VIEWER)
def show() -> ResponseReturnValue:
    """How an event becomes a badge, and where to find what."""
    return render_template("help/page.html")


@blueprint.get("/facts")
@allow(role=Role.VIEWER)
def show_facts() -> ResponseReturnValue:
    """Every fact that a rule may use now, by group."""
    with database() as conn:
        facts = seen_properties.catalogue(conn).facts()
    sections = groupby(facts, key=lambda fact: fact.group)
    view = FactsPage([FactsSection(group.value, list(members)) for group, members in sections])
    return render_template("help/facts.html", view=view)


@blueprint.get("/operators")
@allow(role=Role.VIEWER)
def show_operators() -> ResponseReturnValue:
    """Every operator of the rule language, by family."""
    operators = sorted(OPERATORS.values(), key=lambda operator: operator.family)
    families = groupby(operators, key=lambda operator: operator.family)
    view = OperatorsHelpPage([OperatorsSection(family.value, list(members)) for family, members in families])
    return render_template("help/operators.html", view=view)


@blueprint.get("/pacing")
@allow(role=Role.VIEWER)
def show_pacing() -> ResponseReturnValue:
    """How each strategy spends a budget under every kind of traffic."""
    view = PacingPage(pacing.comparisons(), pacing.STRATEGY_NAMES, pacing.STRATEGY_TEXTS, COUPONS)
    return render_template("help/pacing.html", view=view)


@blueprint.get("/webhooks")
@allow(role=Role.VIEWER)
def show_webhooks() -> ResponseReturnValue:
    """What outside servers are sent, and how they verify that it comes from here."""
    view = WebhooksPage(ANSWER_SECONDS, retries=len(PAUSES), days=sum(PAUSES) / DAY_SECONDS)
    return render_template("help/webhooks.html", view=view)


@blueprint.get("/security")
@allow(role=Role.VIEWER)
def show_security() -> ResponseReturnValue:
    """Who may see and do what, and what erasing a player leaves."""
    return render_template("help/security.html")


@blueprint.get("/speed")
@allow(role=Role.VIEWER)
def show_speed() -> ResponseReturnValue:
    """How fast Laurel was when it was last measured, and what that depends on."""
    view = SpeedPage(speed.MEASUREMENTS, speed.MEASURED_ON, speed.MACHINE)
    return render_template("help/speed.html", view=view)


@blueprint.get("/api")
@allow(role=Role.VIEWER)
def show_api() -> ResponseReturnValue:
    """Every operation of the API, by area, from its OpenAPI description."""
    description = current_app.extensions["laurel.description"](current_app)
    operations = [
        ApiOperation(method.upper(), path, operation)
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
    ]
    areas = [
        ApiArea(tag["name"], [operation for operation in operations if tag["name"] in operation.description["tags"]])
        for tag in description["tags"]
    ]
    return render_template("help/api.html", view=ApiPage(description["info"]["description"], areas))
