"""The API, version 1: JSON under `/v1`, by API key, with problem+json for every no."""

from typing import NoReturn

from flask import Blueprint, Flask, current_app, request
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import RequestRedirect

from webapp.api import campaigns, leaderboards, path_ids, rate_limits, rewards, rules
from webapp.api.events import routes as events
from webapp.api.games import routes as games
from webapp.api.openapi import routes as openapi
from webapp.api.openapi.description import describe
from webapp.api.players import read_routes, write_routes
from webapp.api.problems import speak_problems
from webapp.http import access
from webapp.http.access import allow

nowhere = Blueprint("v1_nowhere", __name__, url_prefix="/v1")
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


@nowhere.route("/", defaults={"rest": ""}, methods=METHODS)
@nowhere.route("/<whole:rest>", methods=METHODS)
@allow(public=True)
def answer_nowhere(rest: str) -> NoReturn:
    """Answer what no route of the API answers, so that the no has the API's form."""
    if methods := _allowed_elsewhere():
        raise MethodNotAllowed(methods)
    raise NotFound(f"/v1/{rest} is no address of this API")


def _allowed_elsewhere() -> list[str]:
    adapter = current_app.create_url_adapter(request)
    assert adapter is not None
    found = []
    for method in METHODS:
        try:
            endpoint, _ = adapter.match(method=method)
        except (NotFound, MethodNotAllowed, RequestRedirect):
            continue
        if endpoint != f"{nowhere.name}.{answer_nowhere.__name__}":
            found.append(method)
    return found


blueprints: tuple[Blueprint, ...] = (
    events.blueprint,
    read_routes.blueprint,
    write_routes.blueprint,
    leaderboards.blueprint,
    rules.blueprint,
    games.blueprint,
    campaigns.blueprint,
    rewards.blueprint,
    openapi.blueprint,
    nowhere,
)
for blueprint in blueprints:
    speak_problems(blueprint)


def prepare(app: Flask) -> None:
    """Teach an application the addresses of the API; called before its blueprints are registered."""
    path_ids.set_up(app)


def set_up(app: Flask) -> None:
    """Ask every request for its permission, count it, hand out the description; once, after the blueprints."""
    access.set_up(app)
    rate_limits.set_up(app, access.settings_of(app).cache_url)
    app.extensions["laurel.description"] = describe
