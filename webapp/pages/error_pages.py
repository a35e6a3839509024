"""How pages say no: to the door without a session, else a plain page with the number and what to do."""

import psycopg
from flask import Flask, Response, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy import exc
from werkzeug.exceptions import HTTPException, ServiceUnavailable, Unauthorized

from webapp.http.htmx import redirect_browser

SAYINGS = {
    400: ("This request is not understood", "Go back, reload the page and try once more."),
    403: ("This is for another role", "An admin can change your role on the page Operators."),
    404: ("There is nothing here", "It may have been removed, or the address has a slip."),
    405: ("This address does something else", "Start from a page that links to it."),
    413: ("This is too large", "Send less at a time."),
    500: ("Something broke here", "It is written to the log. Nothing that was accepted is lost."),
    503: ("The database is away", "Events are refused until it is back, so senders keep them. Nothing is lost."),
}


def set_up(app: Flask) -> None:
    """Answer the refusals of pages; blueprints of the API have their own way, which goes first."""
    app.register_error_handler(HTTPException, say_no)
    for error in (psycopg.OperationalError, exc.OperationalError, exc.TimeoutError):
        app.register_error_handler(error, _away)


def say_no(error: HTTPException) -> ResponseReturnValue:
    """The page of a refusal; somebody who is not signed in is led to the door and back."""
    if isinstance(error, Unauthorized):
        return redirect_browser(url_for("sign_in.show", next=_wanted()))
    if error.response is not None:  # a redirect of the routing
        return error.get_response()
    number = error.code or 500
    heading, text = SAYINGS.get(number, (error.name, "Go back and try once more."))
    if isinstance(error, CSRFError):
        heading, text = "This page was open for too long", "Go back, reload it and try once more."
    return _page(number, heading, text)


def _wanted() -> str | None:
    is_page = request.method == "GET" and request.path != "/"
    return request.full_path.rstrip("?") if is_page else None


def _away(_: Exception) -> ResponseReturnValue:
    return say_no(ServiceUnavailable())


def _page(number: int, heading: str, text: str) -> Response:
    body = render_template("errors/page.html", number=number, heading=heading, text=text)
    return make_response(body, number)
