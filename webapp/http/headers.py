"""Security headers of every response: only our own files run, and only pages made for it may be framed."""

from flask import Flask, g
from werkzeug.wrappers import Response

from webapp.config import Settings, local_address


def set_up(app: Flask, settings: Settings) -> None:
    """Add them to every response."""
    headers = {
        "Content-Security-Policy": _content_security_policy(settings, "'none'"),
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
    }
    framed_headers = {name: value for name, value in headers.items() if name != "X-Frame-Options"}
    framed_headers["Content-Security-Policy"] = _content_security_policy(settings, "*")

    @app.after_request
    def add_headers(response: Response) -> Response:
        for name, value in (framed_headers if g.get("may_be_framed") else headers).items():
            response.headers.setdefault(name, value)
        return response


def allow_framing() -> None:
    """Let any site frame the response to this request: nothing on it depends on a cookie."""
    g.may_be_framed = True


def _content_security_policy(settings: Settings, ancestors: str) -> str:
    """The content security policy: only our own files run; the browser connects to us and to the live server."""
    hosts = dict.fromkeys((local_address(settings.bind), "localhost"))
    live = " ".join(f"http://{host}:{settings.live_port}" for host in hosts)
    directives = {
        "default-src": "'self'",
        "img-src": "'self' data:",
        "connect-src": f"'self' {live}",
        "object-src": "'none'",
        "base-uri": "'none'",
        "frame-ancestors": ancestors,
        "form-action": "'self'",
    }
    return "; ".join(f"{name} {value}" for name, value in directives.items())
