"""What every test may ask for: servers, a fresh database, the application, keys, and a whole running Laurel."""

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psycopg
import pytest
import structlog
from flask import Flask
from flask.testing import FlaskClient

from engine import compiled
from tests.applications import Applications
from tests.running import RunningLaurel, running_laurel
from tests.servers import Servers, running_servers
from webapp.config import Settings
from webapp.store.people import apps
from webapp.store.system.connection import connect

# A real Laurel is started dozens of times, and its commands are, too: they need not compile the sources each time.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# As structlog does it by itself, but for its tracebacks: drawn with every local value, each of them takes a second.
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.StackInfoRenderer(),
        structlog.dev.set_exc_info,
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
    ]
)

LONG_FILES = {"journeys", "supervisor", "test_checks.py"}
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def pytest_report_header() -> str:
    """Which engine is tested: the one that runs in production on this machine."""
    return f"engine: {compiled.describe()}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest: at the end of the run no process is left alone with one of them."""
    if compiled.describe() == "compiled":
        for item in items:
            if item.get_closest_marker("pure_engine"):
                item.add_marker(pytest.mark.skip("runs on the pure engine, in test_both_engines"))
    items.sort(key=lambda item: not LONG_FILES.intersection(item.path.parts))


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    """A PostgreSQL and a Valkey for this test process; started by the first test that needs them."""
    with tempfile.TemporaryDirectory(prefix="laurel-tests-") as folder, running_servers(Path(folder)) as started:
        yield started


@pytest.fixture
def settings(servers: Servers, tmp_path: Path) -> Settings:
    """Settings with a freshly migrated database and an empty Valkey."""
    servers.renew()
    return Settings(
        data_dir=tmp_path / "laurel",
        port=8000,
        workers=2,
        bind="127.0.0.1",
        database_url=servers.database_url,
        owner_url=servers.owner_url,
        queue_url=servers.queue_url,
        cache_url=servers.cache_url,
        secret_key="only for tests, and long enough",
        is_testing=True,
    )


@pytest.fixture
def postgres_url(settings: Settings) -> str:
    """The fresh database's address, as the role that Laurel runs under."""
    return settings.database_url


@pytest.fixture
def conn(settings: Settings) -> Iterator[psycopg.Connection[Any]]:
    """A connection of the run-time role; what is not committed is rolled back."""
    with connect(settings.database_url) as connection:
        yield connection


@pytest.fixture
def owner_conn(settings: Settings) -> Iterator[psycopg.Connection[Any]]:
    """A connection that may do what Laurel itself may not."""
    with psycopg.connect(settings.owner_url) as connection:
        yield connection


@pytest.fixture(scope="session")
def applications() -> Applications:
    """The Flask applications of this test process."""
    return Applications()


@pytest.fixture
def app_for(applications: Applications) -> Iterator[Callable[[Settings], Flask]]:
    """Get an application that has served nobody: `app_for(replace(settings, workers=3))`; each call gives another."""
    yield applications.lend
    applications.take_back()


@pytest.fixture
def app(settings: Settings, app_for: Callable[[Settings], Flask]) -> Flask:
    return app_for(settings)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def api_key(settings: Settings) -> Callable[..., str]:
    """Make a key with these scopes: `api_key("events:write", app="shop")` gives the key itself."""

    def make(*scopes: str, app: str = apps.DEFAULT_APP) -> str:
        with connect(settings.database_url) as connection:
            _, key = apps.new_key(connection, apps.ensure_app(connection, app), "test", list(scopes))
            connection.commit()
        return key

    return make


@pytest.fixture
def laurel_up() -> Iterator[Callable[..., RunningLaurel]]:
    """Start a real Laurel: `laurel_up(workers=4, LAUREL_FAILPOINTS=…)`; as many as a test asks for."""
    with ExitStack() as running:
        yield lambda workers=2, **extra: running.enter_context(running_laurel(workers, **extra))


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """A Chromium of the system goes before Playwright's own; as root it runs without its sandbox."""
    chromium = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    arguments = ["--disable-gpu", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    return browser_type_launch_args | ({"executable_path": chromium} if chromium else {}) | {"args": arguments}
