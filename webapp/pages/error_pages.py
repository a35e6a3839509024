"""Errors of pages: to the sign-in page without a session, otherwise a plain page with the number and what to do."""

import psycopg
from flask import Flask, Response, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy import exc
from werkzeug.exceptions import HTTPException, ServiceUnavailable, Unauthorized

from webapp.http.htmx import redirect_browser
from webapp.http.problems import RETRY_AFTER_SECONDS
from webapp.store.system.connection import is_unavailable

TEXTS = {
    400: ("This request could not be understood", "Go back, reload the page and try again."),
    403: ("You do not have access to this page", "An admin can change your role on the Operators page."),
    404: ("Page not found", "It may have been removed, or the address may contain a typo."),
    405: ("This address cannot be opened directly", "Start from a page that links to it."),
    413: ("This is too large", "Send less at a time."),
    500: ("Something went wrong", "The error has been logged. Nothing that was accepted is lost."),
    503: (
        "The database is unavailable",
        "Events are rejected until it is back; senders keep them. Nothing is lost.",
    ),
}


def set_up(app: Flask) -> None:
    """Answer the errors of pages; blueprints of the API have handlers of their own, which come first."""
    app.register_error_handler(HTTPException, respond_with_page)
    for error in (psycopg.Error, exc.DBAPIError, exc.TimeoutError):
        app.register_error_handler(error, _database_unavailable)


def respond_with_page(error: HTTPException) -> ResponseReturnValue:
    """The page of an error; somebody who is not signed in is sent to sign in and then back."""
    if isinstance(error, Unauthorized):
        return redirect_browser(url_for("sign_in.show", next=_address_to_return_to()))
    if error.response is not None:  # a redirect of the routing
        return error.get_response()
    number = error.code or 500
    heading, text = TEXTS.get(number, (error.name, "Go back and try again."))
    if isinstance(error, CSRFError):
        heading, text = "This page was open for too long", "Go back, reload it and try again."
    return _page(number, heading, text)


def _address_to_return_to() -> str | None:
    is_page = request.method == "GET" and request.path != "/"
    return request.full_path.rstrip("?") if is_page else None


def _database_unavailable(error: Exception) -> ResponseReturnValue:
    """The page for a database that is away or too slow. Any other error of the database is a fault of ours."""
    cause = error.orig if isinstance(error, exc.DBAPIError) else error
    if not isinstance(error, exc.TimeoutError) and not (cause is not None and is_unavailable(cause)):
        raise error
    response = make_response(respond_with_page(ServiceUnavailable()))
    response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def _page(number: int, heading: str, text: str) -> Response:
    body = render_template("errors/page.html", number=number, heading=heading, text=text)
    return make_response(body, number)
