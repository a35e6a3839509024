"""The API, version 1: JSON under `/v1`, by API key, with problem+json for every no."""

from typing import NoReturn

from flask import Blueprint, Flask, current_app, request
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import RequestRedirect

from webapp import access
from webapp.access import allow
from webapp.api import campaigns, events, games, leaderboards, limits, players, players_write, rewards, rules
from webapp.api.openapi import routes as openapi
from webapp.api.openapi.description import describe
from webapp.api.problems import speak_problems

nowhere = Blueprint("v1_nowhere", __name__, url_prefix="/v1")
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


@nowhere.route("/", defaults={"rest": ""}, methods=METHODS)
@nowhere.route("/<path:rest>", methods=METHODS)
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
    players.blueprint,
    players_write.blueprint,
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
    limits.watch(blueprint)


def set_up(app: Flask) -> None:
    """Ask every request for its permission and hand out the description; once, after the blueprints are registered."""
    access.set_up(app)
    app.extensions["laurel.description"] = describe
