"""The web application: blueprints, templates and settings."""

from pathlib import Path

from flask import Flask
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix

from webapp import api, live, pages
from webapp.config import Settings
from webapp.http import database, headers, health, numbers
from webapp.http.event_loop.loop_thread import LoopMiddleware
from webapp.store.system.connection import bound_pools

PACKAGE = Path(__file__).parent
# A wheel carries the templates and the static files inside the package; a checkout has them beside it.
ASSETS = PACKAGE if (PACKAGE / "templates").is_dir() else PACKAGE.parent


def build(settings: Settings) -> Flask:
    """Assemble the application; no server is contacted before the first request."""
    bound_pools(settings.pool_size)
    app = Flask("webapp", template_folder=str(ASSETS / "templates"), static_folder=str(ASSETS / "static"))
    numbers.set_up(app)
    app.config.from_mapping(_flask_settings(settings))
    app.extensions["laurel"] = settings
    database.set_up(app, settings)
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    api.prepare(app)
    for blueprint in (health.blueprint, *live.blueprints, *api.blueprints, *pages.blueprints):
        app.register_blueprint(blueprint)
    api.set_up(app)
    pages.set_up(app, settings)
    headers.set_up(app)
    if settings.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxies)  # type: ignore[method-assign]  # as Flask advises
    app.wsgi_app = LoopMiddleware(app, app.wsgi_app)  # type: ignore[method-assign]
    return app


def _flask_settings(settings: Settings) -> dict[str, object]:
    return {
        "LAUREL": settings,
        "TESTING": settings.is_testing,
        "SECRET_KEY": settings.secret_key,
        "SESSION_COOKIE_NAME": settings.cookie_name("laurel"),
        "SESSION_COOKIE_SECURE": settings.is_https,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "MAX_CONTENT_LENGTH": settings.body_bytes_max,
        "SEND_FILE_MAX_AGE_DEFAULT": 0 if settings.is_testing else 3600,
    }
