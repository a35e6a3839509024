"""The guard against forged requests: whatever a browser's cookie could authorise needs a token of our own pages."""

from flask import Flask, current_app, request
from flask_wtf.csrf import CSRFProtect

from webapp.http.access import permission_of

SAFE_METHODS = frozenset(("GET", "HEAD", "OPTIONS", "TRACE"))


def set_up(app: Flask, pages: set[str]) -> None:
    """Check the token of every changing request to a page, and of any other that a cookie could authorise."""
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False  # asked for below, because keys need no token
    app.config["WTF_CSRF_TIME_LIMIT"] = None  # the token lives as long as its session
    protection = CSRFProtect(app)

    @app.before_request
    def check() -> None:
        if request.method not in SAFE_METHODS and request.endpoint is not None and _may_be_forged(pages):
            protection.protect()


def _may_be_forged(pages: set[str]) -> bool:
    if request.blueprint in pages:
        return True
    permission = permission_of(current_app.view_functions[request.endpoint or ""])
    takes_cookies = permission is not None and permission.role is not None
    return takes_cookies and "Authorization" not in request.headers
