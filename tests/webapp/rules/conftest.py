"""What the tests of rules share: commands run in this process, documents in files, a key that may write rules."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from webapp.cli import main
from webapp.config import Settings
from webapp.store.rules import rule_versions
from webapp.store.system.connection import Connection, connect

CONTRACT = Path(__file__).parent / "contract.json"


@pytest.fixture
def laurel(settings: Settings, monkeypatch) -> Callable[..., Result]:
    """Run `laurel` with these words."""
    monkeypatch.setattr(Settings, "from_environment", lambda: settings)
    return lambda *words: CliRunner().invoke(main, [str(word) for word in words])


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., Path]:
    """Write documents into a file of that name."""

    def write(*documents: Any, name: str = "rules.json") -> Path:
        path = tmp_path / name
        path.write_text(json.dumps(list(documents)))
        return path

    return write


@pytest.fixture
def call(client: FlaskClient, api_key: Callable[..., str]) -> Callable[..., TestResponse]:
    """Call the API with a key that may read and write rules: `call("post", "/v1/rules", json=[…])`."""
    head = {"Authorization": f"Bearer {api_key('rules:read', 'rules:write')}"}
    return lambda method, path, **more: client.open(path, method=method.upper(), headers=head, **more)


@pytest.fixture
def status(settings: Settings) -> Callable[[str], str | None]:
    """Where a rule stands."""

    def look(key: str) -> str | None:
        with connect(settings.database_url) as conn:
            rule = rule_versions.rule(conn, key)
        return None if rule is None else rule.status

    return look


@pytest.fixture
def database(settings: Settings) -> Iterator[Connection]:
    with connect(settings.database_url) as conn:
        yield conn
