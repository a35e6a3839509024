"""Security headers of every response: only our own files run, and only pages made for it may be framed."""

from urllib.parse import urlsplit

import structlog
from flask import Flask, g, request
from werkzeug.wrappers import Response

from webapp.http.access import settings_of
from webapp.http.own_urls import is_own_path

log = structlog.get_logger()

YEAR_SECONDS = 365 * 24 * 3600
REDIRECTS = frozenset({301, 302, 303, 307, 308})


def set_up(app: Flask) -> None:
    """Add them to every response."""

    @app.after_request
    def add_headers(response: Response) -> Response:
        for name, value in (FRAMED_HEADERS if g.get("may_be_framed") else SECURITY_HEADERS).items():
            response.headers.setdefault(name, value)
        if settings_of(app).is_https:
            response.headers.setdefault("Strict-Transport-Security", f"max-age={YEAR_SECONDS}")
        if response.mimetype != "application/json":  # its ETag brings a Cache-Control of its own
            response.headers.setdefault("Cache-Control", "no-store")
        return _without_foreign_redirect(response)


def _without_foreign_redirect(response: Response) -> Response:
    """Lead home instead, should a route ever redirect to another site."""
    location = response.headers.get("Location")
    if location is not None and response.status_code in REDIRECTS and not is_own_path(location):
        parts = urlsplit(location)
        if parts.netloc != request.host or not is_own_path(parts.path or "/"):  # Werkzeug's own name the whole URL
            log.error("foreign_redirect", endpoint=request.endpoint, location=location)
            response.headers["Location"] = "/"
    return response


def allow_framing() -> None:
    """Let any site frame the response to this request: nothing on it depends on a cookie."""
    g.may_be_framed = True


def _content_security_policy(ancestors: str) -> str:
    """The content security policy: only our own files run, and the browser connects to nobody else."""
    directives = {
        "default-src": "'self'",
        "img-src": "'self' data:",
        "object-src": "'none'",
        "base-uri": "'none'",
        "frame-ancestors": ancestors,
        "form-action": "'self'",
    }
    return "; ".join(f"{name} {value}" for name, value in directives.items())


SECURITY_HEADERS = {
    "Content-Security-Policy": _content_security_policy("'none'"),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
FRAMED_HEADERS = {name: value for name, value in SECURITY_HEADERS.items() if name != "X-Frame-Options"}
FRAMED_HEADERS["Content-Security-Policy"] = _content_security_policy("*")
