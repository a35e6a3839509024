"""What tests of webhooks share: a Laurel that may call servers of this machine."""

from dataclasses import replace

import pytest

from tests.outside_server import THIS_MACHINE
from webapp.config import Settings


@pytest.fixture
def outgoing_settings(settings: Settings) -> Settings:
    return replace(settings, webhook_networks=THIS_MACHINE)
