"""What tests of prizes share: a Laurel that may call servers of this machine, and a provider that issues coupons."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from flask import Flask

from tests.webapp.games.campaigns import Player
from tests.webapp.games.outside import THIS_MACHINE, Outside, outside
from webapp.config import Settings


@pytest.fixture
def its(settings: Settings) -> Settings:
    return replace(settings, webhook_networks=THIS_MACHINE)


@pytest.fixture
def provider() -> Iterator[Outside]:
    """A server that issues a coupon whenever it is asked."""
    with outside() as it:
        it.answer = lambda heard: (200, {"code": f"OUT-{heard.told['data']['reservation']}"})
        yield it


@pytest.fixture
def its_player(its: Settings, api_key: Callable[..., str], app_for: Callable[[Settings], Flask]) -> Player:
    """A client of that Laurel that plays for people."""
    return Player(app_for(its).test_client(), api_key("plays:write", "campaigns:read"))
