"""Commands are run in this process, against the servers of the tests."""

from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result

from webapp.cli import main
from webapp.config import Settings


@pytest.fixture
def laurel(settings: Settings, monkeypatch) -> Callable[..., Result]:
    """Run `laurel` with these words."""
    monkeypatch.setattr(Settings, "from_environment", lambda: settings)
    return lambda *words: CliRunner().invoke(main, [str(word) for word in words])
