"""How the API says no: problem+json with a code that programs can rely on, and a pointer to what is wrong."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus

import psycopg
from flask import Blueprint, Response, json
from psycopg import errors as database_errors
from werkzeug.exceptions import HTTPException

CONTENT_TYPE = "application/problem+json"
CODES = {
    400: "invalid",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    429: "rate_limited",
    500: "internal",
    503: "unavailable",
}
RETRY_SECONDS = 1


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing that is wrong with what was sent; `pointer` is a JSON pointer into the body."""

    pointer: str
    detail: str
    code: str = "invalid"


class Refused(Exception):  # noqa: N818  (a sender's mistake, not an error of ours)
    """A request that is answered with a problem; raised anywhere below a route of the API.

    `beside` are further members of the problem, as RFC 9457 allows.
    """

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        flaws: Sequence[Flaw] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail = status, code, detail
        self.flaws, self.headers = flaws, dict(headers or {})
        self.beside: dict[str, int | str] = {}


def refuse_flawed(flaws: Sequence[Flaw]) -> Refused:
    """The refusal of a body that was understood but is wrong."""
    return Refused(422, flaws[0].code, flaws[0].detail, flaws)


def problem(refused: Refused) -> Response:
    """The answer that a refusal becomes."""
    body = {
        "type": "about:blank",
        "title": HTTPStatus(refused.status).phrase,
        "status": refused.status,
        "detail": refused.detail,
        "code": refused.code,
        "errors": [{"pointer": flaw.pointer, "detail": flaw.detail} for flaw in refused.flaws],
        **refused.beside,
    }
    return Response(json.dumps(body), refused.status, refused.headers, content_type=CONTENT_TYPE)


def speak_problems(blueprint: Blueprint) -> None:
    """Let every refusal and failure below a blueprint's routes be answered in this form."""
    blueprint.register_error_handler(Refused, problem)
    blueprint.register_error_handler(HTTPException, _of_http)
    blueprint.register_error_handler(database_errors.LockNotAvailable, _locked)
    blueprint.register_error_handler(psycopg.OperationalError, _away)
    blueprint.register_error_handler(psycopg.InterfaceError, _away)


def _of_http(error: HTTPException) -> Response:
    status = error.code or 500
    kept = {name: value for name, value in error.get_headers() if name not in {"Content-Type", "Content-Length"}}
    return problem(Refused(status, CODES.get(status, "invalid"), error.description or "", headers=kept))


def _locked(_: Exception) -> Response:
    detail = "somebody else is changing this; try again"
    return problem(Refused(503, "locked", detail, headers={"Retry-After": str(RETRY_SECONDS)}))


def _away(_: Exception) -> Response:
    detail = "the database is away; what was not answered with 2xx may be sent again with the same ids"
    return problem(Refused(503, "unavailable", detail, headers={"Retry-After": str(RETRY_SECONDS)}))
