"""Parameters of the query: whoever misspells one is told so, instead of getting an answer to another question."""

from collections.abc import Mapping
from difflib import get_close_matches

from flask import Flask, Response, current_app, request
from werkzeug.datastructures import MultiDict

from webapp.http.problems import ApiProblem, FieldError, problem_response, unprocessable

NAMES = "laurel.query_names"


def set_up(app: Flask, names: Mapping[str, frozenset[str]]) -> None:
    """Take only these parameters, by endpoint; endpoints that are not named here take any."""
    app.extensions[NAMES] = names
    app.before_request(_check_request)


def _check_request() -> Response | None:
    try:
        reject_unknown_parameters(current_app, request.endpoint, request.args)
    except ApiProblem as problem:
        return problem_response(problem)
    return None


def reject_unknown_parameters(app: Flask, endpoint: str | None, query: MultiDict[str, str]) -> None:
    """Raise ApiProblem (422), with every parameter that an endpoint does not know or that is given twice."""
    known = app.extensions.get(NAMES, {}).get(endpoint)
    if known is None or not query:
        return
    errors = [_unknown(name, known) for name in query if name not in known]
    errors += [
        FieldError(f"/{name}", f"the parameter {name!r} is given more than once")
        for name, values in query.lists()
        if name in known and len(values) > 1
    ]
    if errors:
        raise unprocessable(errors)


def _unknown(name: str, known: frozenset[str]) -> FieldError:
    close = get_close_matches(name, known, 1)
    if close:
        hint = f"; did you mean {close[0]!r}?"
    elif known:
        hint = f"; known here: {', '.join(sorted(known))}"
    else:
        hint = "; this takes none"
    return FieldError(f"/{name}", f"unknown parameter {name!r}{hint}", "unknown_parameter")
