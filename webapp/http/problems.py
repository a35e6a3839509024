"""Errors of the API: problem+json with a code that programs can rely on, and pointers to what is wrong."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus

import msgspec
import psycopg
from flask import Blueprint, Response
from msgspec import Struct
from psycopg import errors as database_errors
from werkzeug.exceptions import HTTPException

from webapp.http.event_loop.messages import Answer
from webapp.store.system.connection import is_unavailable

CONTENT_TYPE = "application/problem+json"
CODES = {
    400: "invalid",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported_media_type",
    421: "misdirected",
    429: "rate_limited",
    500: "internal",
    503: "unavailable",
}
RETRY_AFTER_SECONDS = 1
DATABASE_AWAY = "the database is unavailable; whatever was not answered with 2xx can be sent again with the same ids"


class ProblemError(Struct):
    """One thing that is wrong with the request; `pointer` is a JSON pointer into its body."""

    pointer: str
    detail: str


class ProblemDetails(Struct):
    """An error (RFC 9457), with a code that programs can rely on."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: list[ProblemError]


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing that is wrong with a request, with the code that its problem gets if it is the first one."""

    pointer: str
    detail: str
    code: str = "invalid"


class ApiProblem(Exception):  # noqa: N818  (named like the media type)
    """A request that is answered with a problem; raised anywhere below a route of the API.

    `extensions` are further members of the problem, as RFC 9457 allows.
    """

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail = status, code, detail
        self.errors, self.headers = errors, dict(headers or {})
        self.extensions: dict[str, int | str] = {}


def unprocessable(errors: Sequence[FieldError]) -> ApiProblem:
    """The problem (422) of a request that was understood but is invalid; the first error gives code and detail."""
    return ApiProblem(422, errors[0].code, errors[0].detail, errors)


def problem_answer(problem: ApiProblem) -> Answer:
    """The answer that a problem becomes."""
    body = ProblemDetails(
        type="about:blank",
        title=HTTPStatus(problem.status).phrase,
        status=problem.status,
        detail=problem.detail,
        code=problem.code,
        errors=[ProblemError(error.pointer, error.detail) for error in problem.errors],
    )
    members = msgspec.to_builtins(body) | problem.extensions
    text = json.dumps(members, sort_keys=True)
    return Answer(problem.status, text.encode(), {**problem.headers, "Content-Type": CONTENT_TYPE})


def problem_of(error: Exception) -> ApiProblem | None:
    """The problem that an error below a route of the API means to its client; None for a fault of ours."""
    match error:
        case ApiProblem():
            return error
        case HTTPException():
            return http_problem(error)
        case database_errors.LockNotAvailable():
            return _retry_later("locked", "another request is changing this; try again")
        case psycopg.Error() if is_unavailable(error):
            return _retry_later("unavailable", DATABASE_AWAY)
        case _:
            return None


def http_problem(error: HTTPException) -> ApiProblem:
    """The problem that says what an error of Werkzeug says."""
    status = error.code or 500
    headers = {name: value for name, value in error.get_headers() if name not in {"Content-Type", "Content-Length"}}
    return ApiProblem(status, CODES.get(status, "invalid"), error.description or "", headers=headers)


def _retry_later(code: str, detail: str) -> ApiProblem:
    return ApiProblem(503, code, detail, headers={"Retry-After": str(RETRY_AFTER_SECONDS)})


def problem_response(error: Exception) -> Response:
    """Flask's response for an error that is answered with a problem. A fault of ours is raised again."""
    problem = problem_of(error)
    if problem is None:
        raise error
    answer = problem_answer(problem)
    return Response(answer.body, answer.status, answer.headers)


def register_problem_handlers(blueprint: Blueprint) -> None:
    """Let every error below a blueprint's routes be answered as a problem."""
    for kind in (ApiProblem, HTTPException, psycopg.Error):
        blueprint.register_error_handler(kind, problem_response)
