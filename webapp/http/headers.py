"""The headers that guard every answer: only our own files run, and only what is made for it stands in other pages."""

from flask import Flask, g
from werkzeug.wrappers import Response

from webapp.config import Settings, local_name


def set_up(app: Flask, settings: Settings) -> None:
    """Let every answer carry them."""
    guards = {
        "Content-Security-Policy": _policy(settings, "'none'"),
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
    }
    framed = {name: value for name, value in guards.items() if name != "X-Frame-Options"}
    framed["Content-Security-Policy"] = _policy(settings, "*")

    @app.after_request
    def guard(response: Response) -> Response:
        for name, value in (framed if g.get("may_be_framed") else guards).items():
            response.headers.setdefault(name, value)
        return response


def let_be_framed() -> None:
    """The answer to this request may stand in the pages of any app: nothing on it rests on a cookie."""
    g.may_be_framed = True


def _policy(settings: Settings, ancestors: str) -> str:
    """Only our own files run; the browser talks to us and to the live server."""
    hosts = dict.fromkeys((local_name(settings.bind), "localhost"))
    live = " ".join(f"http://{host}:{settings.live_port}" for host in hosts)
    rules = {
        "default-src": "'self'",
        "img-src": "'self' data:",
        "connect-src": f"'self' {live}",
        "object-src": "'none'",
        "base-uri": "'none'",
        "frame-ancestors": ancestors,
        "form-action": "'self'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())
