"""The API, version 1: JSON under `/v1`, authenticated by API key, with problem+json for every error."""

from typing import NoReturn

from flask import Blueprint, Flask, Response, current_app, request
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import MapAdapter, RequestRedirect

from webapp.api import campaigns, leaderboards, path_ids, rewards, rules
from webapp.api.events import routes as events
from webapp.api.games import routes as games
from webapp.api.json_provider import StructJSONProvider
from webapp.api.openapi import routes as openapi
from webapp.api.openapi.description import describe
from webapp.api.openapi.operations import parameter_names
from webapp.api.players import read_routes, write_routes
from webapp.http import access, query_names, rate_limits
from webapp.http.access import allow
from webapp.http.problems import problem_response, register_problem_handlers

fallback = Blueprint("v1_fallback", __name__, url_prefix="/v1")
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


@fallback.route("/", defaults={"rest": ""}, methods=[*METHODS, "OPTIONS"], provide_automatic_options=False)
@fallback.route("/<text:rest>", methods=[*METHODS, "OPTIONS"], provide_automatic_options=False)
@allow(public=True)
def reject_unrouted(rest: str) -> NoReturn:
    """Reject what no other route of the API serves, so that this error is a problem too."""
    if methods := _allowed_methods():
        raise MethodNotAllowed(methods)
    raise NotFound(f"no such endpoint: /v1/{rest}")


def _allowed_methods() -> list[str]:
    """The methods for which another route serves the URL of this request."""
    adapter = current_app.create_url_adapter(request)
    assert adapter is not None
    served = [method for method in METHODS if _is_served(adapter, method)]
    if "GET" in served:
        served.append("HEAD")
    return [*served, "OPTIONS"] if served else []


def _answer_unrouted_methods() -> Response | None:
    """Answer OPTIONS under `/v1` with the methods of the URL, and reject the methods that no route of the API has.

    Flask would count the methods of those routes that only reject, and answer with a page.
    """
    if request.method in {*METHODS, "HEAD"} or not request.path.startswith("/v1/"):
        return None
    methods = _allowed_methods()
    if request.method == "OPTIONS" and methods:
        return Response(headers={"Allow": ", ".join(methods)})
    error = MethodNotAllowed(methods) if methods else NotFound(f"no such endpoint: {request.path}")
    return problem_response(error)


def _is_served(adapter: MapAdapter, method: str) -> bool:
    try:
        endpoint, _ = adapter.match(method=method)
    except (NotFound, MethodNotAllowed, RequestRedirect):
        return False
    return str(endpoint) != f"{fallback.name}.{reject_unrouted.__name__}"


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
    fallback,
)
for blueprint in blueprints:
    register_problem_handlers(blueprint)


def prepare(app: Flask) -> None:
    """Let an application serve the URLs and the JSON of the API; called before its blueprints are registered."""
    path_ids.set_up(app)
    app.json = StructJSONProvider(app)


def set_up(app: Flask) -> None:
    """Answer OPTIONS, check permissions, count requests, check queries, describe; called after the blueprints."""
    app.before_request(_answer_unrouted_methods)
    access.set_up(app)
    rate_limits.set_up(app, access.settings_of(app).cache_url)
    query_names.set_up(app, parameter_names())
    app.extensions["laurel.description"] = describe
