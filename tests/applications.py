"""Flask applications for one test after another: building one takes longer than most tests, compiling its pages too."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from flask import Flask

from tests.markup import PageClient
from webapp import create_app
from webapp.config import Settings
from webapp.http.rate_limits import RateLimiter
from webapp.pages.sign_in import throttle
from webapp.store.system.connection import bound_pools

# What `create_app` puts into an application. Everything else there is collected while it serves, and dropped when the
# test ends. Whatever is added here and remembers requests must be made anew in `_renew`.
EXTENSIONS = {"laurel", "laurel.description", "laurel.query_names", "laurel.quotas", "laurel.sign_in_tries"}
NOWHERE = Path()


@dataclass(frozen=True)
class Built:
    """An application, and what belonged to it before it served its first request."""

    app: Flask
    config: dict[str, Any]
    extensions: dict[str, Any]
    registered: list[Any]


class Applications:
    """The applications of this process, by their settings; their data folders, new for each test, are exchanged."""

    def __init__(self) -> None:
        self._free: dict[Settings, list[Built]] = {}
        self._lent: list[tuple[Settings, Built]] = []

    def lend(self, settings: Settings) -> Flask:
        """Give an application as good as new; two calls in one test give two."""
        key = replace(settings, data_dir=NOWHERE)
        free = self._free.setdefault(key, [])
        built = free.pop() if free else _build(settings)
        self._lent.append((key, built))
        _renew(built, settings)
        return built.app

    def take_back(self) -> None:
        """Let the next test have them; one in which the test registered something is dropped."""
        for key, built in self._lent:
            if _registered(built.app) == built.registered:
                self._free[key].append(built)
        self._lent.clear()


def _build(settings: Settings) -> Built:
    app = create_app(settings)
    app.test_client_class = PageClient
    assert {name for name in app.extensions if name.startswith("laurel")} == EXTENSIONS
    return Built(app, dict(app.config), dict(app.extensions), _registered(app))


def _registered(app: Flask) -> list[Any]:
    """Everything that can be registered in an application: routes, what runs around them, names for templates."""
    environment = app.jinja_env
    return [
        app.wsgi_app,
        dict(app.view_functions),
        len(list(app.url_map.iter_rules())),
        dict(app.blueprints),
        list(app.teardown_appcontext_funcs),
        dict(environment.globals),
        dict(environment.filters),
        dict(environment.tests),
        *map(_without_empty, _by_scope(app)),
    ]


def _by_scope(app: Flask) -> list[dict[Any, Any]]:
    """What Flask registers for the application, under None, or for one of its blueprints."""
    return [
        app.before_request_funcs,
        app.after_request_funcs,
        app.teardown_request_funcs,
        app.url_value_preprocessors,
        app.url_default_functions,
        app.template_context_processors,
        app.error_handler_spec,
    ]


def _without_empty(registry: dict[Any, Any]) -> dict[Any, Any]:
    """A copy without the empty places that a defaultdict makes when it is read."""
    copies = {key: _without_empty(value) if isinstance(value, dict) else value for key, value in registry.items()}
    return {key: list(value) if isinstance(value, list) else value for key, value in copies.items() if value}


def _renew(built: Built, settings: Settings) -> None:
    app = built.app
    app.config.clear()
    app.config.update(built.config | {"LAUREL": settings})
    app.extensions.clear()
    app.extensions.update(built.extensions | {"laurel": settings, "laurel.quotas": RateLimiter(settings.cache_url)})
    throttle.set_up(app, settings.cache_url)
    bound_pools(settings.pool_size)
