"""What all operations have in common: successes with their headers, and each kind of error."""

from http import HTTPStatus
from typing import Any, Final

from webapp.api.openapi.operation import Operation, Schema
from webapp.http.problems import CONTENT_TYPE

ABOUT: Final = (
    "Apps post events; Laurel applies the live rules to them and maintains players, ledgers, badges and leaderboards. "
    "Times are RFC 3339 with offset. Apps choose the ids of events, plays and redemptions, and each id counts once: "
    "sending the same again is safe. Every error is `application/problem+json` with a `code`."
)
HEADERS: Final = {
    "RateLimit": {"description": 'What is left in this window: `"requests";r=REMAINING;t=SECONDS`.'},
    "RateLimit-Policy": {"description": 'How many requests a key may make: `"requests";q=QUOTA;w=SECONDS`.'},
    "Retry-After": {"description": "Seconds after which to try again."},
}
DESCRIPTIONS: Final = {
    200: "OK",
    201: "Created",
    202: "Accepted for processing",
    204: "Done; no content",
    400: "Malformed: the body is not valid JSON, or the URL contains NUL",
    401: "API key missing or unknown",
    403: "The API key lacks the scope",
    404: "Not found",
    409: "In conflict with the present state",
    413: "The request body is too long",
    415: "The request body is not declared as JSON",
    422: "Well-formed but invalid: `errors` says where and why",
    429: "Too many requests; try again after `Retry-After` seconds",
    503: "Something that is needed is unavailable or busy; try again with the same ids",
}
for _header in HEADERS.values():
    # The values of a header's description differ in type.
    _header.update(schema={"type": "string"})  # type: ignore[call-overload]


def success_response(status: int, schema: Schema | None) -> dict[str, Any]:
    """A 2xx response with the headers of the rate limit."""
    response: dict[str, Any] = {
        "description": DESCRIPTIONS[status],
        "headers": _header_references("RateLimit", "RateLimit-Policy"),
    }
    return response if schema is None else response | {"content": {"application/json": {"schema": schema}}}


def error_statuses(operation: Operation, *, needs_key: bool, has_path_parameter: bool) -> list[int]:
    """Every status with which an operation may fail."""
    statuses = {400, 503}
    if needs_key:
        statuses |= {401, 403, 429}
    if has_path_parameter:
        statuses |= {404, 422}
    if operation.bodies:
        statuses |= {413, 415, 422}
    if operation.parameters:
        statuses |= {422}
    if any(parameter.name == "player" for parameter in operation.parameters):
        statuses |= {404}
    if operation.conflict_codes:
        statuses |= {409}
    return sorted(statuses)


def error_response(status: int, operation: Operation) -> dict[str, Any]:
    """An error as a problem; a 409 lists its codes."""
    description = DESCRIPTIONS[status]
    if status == HTTPStatus.CONFLICT:
        description += ": " + ", ".join(f"`{code}`" for code in operation.conflict_codes)
    response: dict[str, Any] = {
        "description": description,
        "content": {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}},
    }
    if status in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}:
        response["headers"] = _header_references("Retry-After")
    return response


def _header_references(*names: str) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}
