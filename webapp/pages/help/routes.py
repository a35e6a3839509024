"""Help: how things work, with tables of facts and operators made from what the engine itself uses."""

from itertools import groupby
from typing import Any

from flask import Blueprint, current_app, render_template
from flask.typing import ResponseReturnValue

from engine.language.operators import OPERATORS
from webapp.http.access import Role, allow
from webapp.pages.help import pacing, speed
from webapp.pages.help.burn_downs import COUPONS
from webapp.pages.layout import database
from webapp.services.webhooks.send_deliveries import ANSWER_SECONDS, PAUSES
from webapp.store.events import seen_properties

blueprint = Blueprint("help", __name__, url_prefix="/help")


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
    groups = [(group.value, list(of_group)) for group, of_group in groupby(facts, key=lambda fact: fact.group)]
    return render_template("help/facts.html", groups=groups)


@blueprint.get("/operators")
@allow(role=Role.VIEWER)
def show_operators() -> ResponseReturnValue:
    """Every operator of the rule language, by family."""
    operators = sorted(OPERATORS.values(), key=lambda operator: operator.family)
    families = groupby(operators, key=lambda operator: operator.family)
    groups = [(family.value, list(of_family)) for family, of_family in families]
    return render_template("help/operators.html", groups=groups)


@blueprint.get("/pacing")
@allow(role=Role.VIEWER)
def show_pacing() -> ResponseReturnValue:
    """How each strategy spends a budget under every kind of traffic."""
    return render_template(
        "help/pacing.html",
        comparisons=pacing.comparisons(),
        strategy_names=pacing.STRATEGY_NAMES,
        strategy_texts=pacing.STRATEGY_TEXTS,
        coupons=COUPONS,
    )


@blueprint.get("/webhooks")
@allow(role=Role.VIEWER)
def show_webhooks() -> ResponseReturnValue:
    """What outside servers are sent, and how they verify that it comes from here."""
    return render_template("help/webhooks.html", pauses=PAUSES, seconds=ANSWER_SECONDS)


@blueprint.get("/speed")
@allow(role=Role.VIEWER)
def show_speed() -> ResponseReturnValue:
    """How fast Laurel was when it was last measured, and what that depends on."""
    return render_template(
        "help/speed.html", measurements=speed.MEASUREMENTS, measured_on=speed.MEASURED_ON, machine=speed.MACHINE
    )


@blueprint.get("/api")
@allow(role=Role.VIEWER)
def show_api() -> ResponseReturnValue:
    """Every operation of the API, by area, from its OpenAPI description."""
    description = current_app.extensions["laurel.description"](current_app)
    operations = [
        {"method": method.upper(), "path": path, **operation}
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
    ]
    areas = [
        (tag["name"], [operation for operation in operations if tag["name"] in operation["tags"]])
        for tag in description["tags"]
    ]
    return render_template("help/api.html", about=description["info"]["description"], areas=areas, body_of=_body_of)


def _body_of(operation: dict[str, Any]) -> Any:
    """The example of an operation's body; None where it has none."""
    return operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("example")
