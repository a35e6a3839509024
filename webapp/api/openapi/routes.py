"""`/v1/openapi.json`: the description of the API, for tools."""

from flask import Blueprint, Response, current_app, jsonify

from webapp.api.openapi.description import describe
from webapp.http.access import allow

blueprint = Blueprint("v1_openapi", __name__, url_prefix="/v1")


@blueprint.get("/openapi.json")
@allow(public=True)
def show() -> Response:
    """All operations with their permissions, schemas and errors."""
    return jsonify(describe(current_app))
