"""The signed-in browser of the tests of pages, and a campus in it."""

import pytest

from tests.servers import Servers
from tests.webapp.pages.conftest import sign_in
from tests.webapp.tryout import campus
from webapp.config import Settings

__all__ = ["happened", "sign_in"]


@pytest.fixture
def happened(settings: Settings, servers: Servers) -> None:
    """A campus where both packs are live and the students have handed in their work."""
    servers.stage("campus", lambda: campus.happened(settings))
