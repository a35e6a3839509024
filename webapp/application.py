"""The web application: blueprints, templates, and the headers that every answer carries."""

from pathlib import Path

from flask import Flask
from jinja2 import StrictUndefined
from werkzeug.wrappers import Response

from webapp import api, ops, orm, pages
from webapp.config import Settings, local_name

ROOT = Path(__file__).parent.parent


def build(settings: Settings) -> Flask:
    """Put the application together; nothing is asked of a server before the first request."""
    app = Flask("webapp", template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "static"))
    app.config.from_mapping(_flask_settings(settings))
    app.extensions["laurel"] = settings
    orm.set_up(app, settings)
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    for blueprint in (ops.blueprint, *api.blueprints, *pages.blueprints):
        app.register_blueprint(blueprint)
    api.set_up(app)
    pages.set_up(app)
    _guard_answers(app, settings)
    return app


def _flask_settings(settings: Settings) -> dict[str, object]:
    return {
        "LAUREL": settings,
        "TESTING": settings.is_testing,
        "SECRET_KEY": settings.secret_key,
        "SESSION_COOKIE_NAME": f"laurel_{settings.port}",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "MAX_CONTENT_LENGTH": settings.body_bytes_max,
        "SEND_FILE_MAX_AGE_DEFAULT": 0 if settings.is_testing else 3600,
    }


def _guard_answers(app: Flask, settings: Settings) -> None:
    guards = {
        "Content-Security-Policy": content_security_policy(settings),
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
    }

    @app.after_request
    def guard(response: Response) -> Response:
        for name, value in guards.items():
            response.headers.setdefault(name, value)
        return response


def content_security_policy(settings: Settings) -> str:
    """Only our own files run; the browser talks to us and to the live server, and nobody frames us."""
    hosts = dict.fromkeys((local_name(settings.bind), "localhost"))
    live = " ".join(f"http://{host}:{settings.live_port}" for host in hosts)
    rules = {
        "default-src": "'self'",
        "img-src": "'self' data:",
        "connect-src": f"'self' {live}",
        "object-src": "'none'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
        "form-action": "'self'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())
