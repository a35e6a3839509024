"""NUL is a character that Postgres cannot store: a URL or a form that contains it can match nothing of ours."""

from collections.abc import Iterable
from typing import Any

from flask import request
from werkzeug.exceptions import BadRequest

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


def reject_nul() -> None:
    """Reject this request (400) where its URL or its form contains NUL; JSON bodies are checked as they are read."""
    url_values = [*(request.view_args or {}).values(), *request.args, *request.args.values()]
    form_values = request.form.values() if request.mimetype in FORMS else ()
    reject_nul_in((*url_values, *form_values))


def reject_nul_in(values: Iterable[Any]) -> None:
    """Raise BadRequest where one of these values is a text that contains NUL."""
    if any(isinstance(value, str) and "\0" in value for value in values):
        raise BadRequest("NUL characters are not allowed")
