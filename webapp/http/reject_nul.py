"""The character NUL, which Postgres cannot keep: an address or a form that holds it asks for nothing we have."""

from flask import request
from werkzeug.exceptions import BadRequest

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


def refuse() -> None:
    """Refuse this request (400) where its address or its form holds NUL; JSON bodies are looked at as they are read."""
    named = [*(request.view_args or {}).values(), *request.args, *request.args.values()]
    typed = request.form.values() if request.mimetype in FORMS else ()
    if any(isinstance(each, str) and "\0" in each for each in (*named, *typed)):
        raise BadRequest("the character NUL is refused")
