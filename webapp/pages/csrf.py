"""The guard against forged requests: whatever a browser's cookie could authorise needs a token of our own pages."""

import hmac

from flask import Flask, current_app, request, session
from flask_wtf.csrf import CSRFProtect

from webapp.http.access import current_operator, permission_of, session_token, settings
from webapp.runtime.tokens import token_hash

FIELD = "csrf_token"
SAFE_METHODS = frozenset(("GET", "HEAD", "OPTIONS", "TRACE"))


def set_up(app: Flask, pages: set[str]) -> None:
    """Check the token of every changing request to a page, and of any other that a cookie could authorise."""
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False  # asked for below, because keys need no token
    app.config["WTF_CSRF_TIME_LIMIT"] = None  # the token lives as long as its session
    protection = CSRFProtect(app)

    @app.before_request
    def check() -> None:
        _bind_to_session()
        if request.method not in SAFE_METHODS and request.endpoint is not None and _may_be_forged(pages):
            protection.protect()


def _bind_to_session() -> None:
    """Let the token of a signed-in browser follow from its session, whatever cookie somebody has planted beside it."""
    permission = permission_of(current_app.view_functions[request.endpoint]) if request.endpoint else None
    token = session_token()
    if permission is None or permission.role is None or not token or current_operator() is None:
        return
    secret = settings().secret_key.encode()
    bound = hmac.new(secret, b"laurel csrf\0" + token_hash(token), "sha256").hexdigest()
    if session.get(FIELD) != bound:
        session[FIELD] = bound


def _may_be_forged(pages: set[str]) -> bool:
    if request.blueprint in pages:
        return True
    permission = permission_of(current_app.view_functions[request.endpoint or ""])
    takes_cookies = permission is not None and permission.role is not None
    return takes_cookies and "Authorization" not in request.headers
