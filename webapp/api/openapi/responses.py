"""What every operation answers alike: success with its headers, and each way of saying no."""

from http import HTTPStatus
from typing import Any, Final

from webapp.api.openapi.operation import Operation, Schema
from webapp.api.problems import CONTENT_TYPE

ABOUT: Final = (
    "Apps post events; Laurel judges them by the rules that are live and keeps players, ledgers, badges and "
    "leaderboards. Times are RFC 3339 with offset. Ids of events, plays and redemptions are chosen by the app and "
    "count once: sending the same again is safe. Every no is `application/problem+json` with a `code`."
)
HEADERS: Final = {
    "RateLimit": {"description": 'What is left in this window: `"requests";r=REMAINING;t=SECONDS`.'},
    "RateLimit-Policy": {"description": 'How much a key may ask: `"requests";q=QUOTA;w=SECONDS`.'},
    "Retry-After": {"description": "Seconds after which to try again."},
}
SAYS: Final = {
    200: "Done",
    201: "Made",
    202: "Taken; it is worked on",
    204: "Done; there is nothing to say",
    400: "It cannot be read: the body is no JSON, or the address holds NUL",
    401: "No key, or one that is not known",
    403: "The key lacks the scope",
    404: "There is no such thing",
    409: "It contradicts what stands",
    413: "The body is too long",
    415: "The body does not say that it is JSON",
    422: "Understood, and wrong: `errors` says where and why",
    429: "Too much at once; try again after `Retry-After` seconds",
    503: "Something that is needed is away or busy; try again with the same ids",
}
for _header in HEADERS.values():
    _header.update(schema={"type": "string"})  # type: ignore[call-overload]  # the values of a header's description differ in type


def success(status: int, schema: Schema | None) -> dict[str, Any]:
    """An answer of 2xx with the rate limit's headers."""
    told: dict[str, Any] = {"description": SAYS[status], "headers": _headers("RateLimit", "RateLimit-Policy")}
    return told if schema is None else told | {"content": {"application/json": {"schema": schema}}}


def refusals(operation: Operation, *, is_asked: bool, names_one: bool) -> list[int]:
    """Each status with which an operation may say no."""
    found = {400, 503}
    found |= {401, 403, 429} if is_asked else set()
    found |= {404, 422} if names_one else set()
    found |= {413, 415, 422} if operation.body else set()
    found |= {422} if operation.asks else set()
    found |= {409} if operation.conflicts else set()
    return sorted(found | ({404} if any(ask.name == "player" for ask in operation.asks) else set()))


def refusal(status: int, operation: Operation) -> dict[str, Any]:
    """A no as a problem; a 409 names its codes."""
    says = SAYS[status] or HTTPStatus(status).phrase
    if status == HTTPStatus.CONFLICT:
        says += ": " + ", ".join(f"`{code}`" for code in operation.conflicts)
    told: dict[str, Any] = {
        "description": says,
        "content": {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    if status in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}:
        told["headers"] = _headers("Retry-After")
    return told


def _headers(*names: str) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}
