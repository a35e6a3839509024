"""What tests of prizes share: a Laurel that may call servers of this machine, and a provider that issues coupons."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from flask import Flask

from tests.outside_server import THIS_MACHINE, OutsideServer, outside_server
from tests.webapp.campaigns.friday_weekend import Player
from webapp.config import Settings


@pytest.fixture
def outgoing_settings(settings: Settings) -> Settings:
    return replace(settings, webhook_networks=THIS_MACHINE)


@pytest.fixture
def provider() -> Iterator[OutsideServer]:
    """A server that issues a coupon whenever it is asked."""
    with outside_server() as server:
        server.answer = lambda request: (200, {"code": f"OUT-{request.json['data']['reservation']}"})
        yield server


@pytest.fixture
def provider_player(
    outgoing_settings: Settings, api_key: Callable[..., str], app_for: Callable[[Settings], Flask]
) -> Player:
    """A client of that Laurel that plays for people."""
    return Player(app_for(outgoing_settings).test_client(), api_key("plays:write", "campaigns:read"))
