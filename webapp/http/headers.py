"""Security headers of every response: only our own files run, and only pages made for it may be framed."""

from flask import Flask, g
from werkzeug.wrappers import Response


def set_up(app: Flask) -> None:
    """Add them to every response."""

    @app.after_request
    def add_headers(response: Response) -> Response:
        for name, value in (FRAMED_HEADERS if g.get("may_be_framed") else SECURITY_HEADERS).items():
            response.headers.setdefault(name, value)
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
