"""The stream of a whole campaign: it tells when plays of any of its games were decided, and of no other game."""

from collections.abc import Callable

import pytest
from flask import Flask

from tests.asgi import run, stream
from tests.webapp.campaigns.friday_weekend import friday, publish
from webapp.config import Settings
from webapp.live import signals
from webapp.projections.play_signals import notify_streams
from webapp.store.system.connection import Connection


@pytest.fixture
def authorization(conn: Connection, api_key: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> str:
    """May follow Friday Weekend, whose games are reel and wheel."""
    monkeypatch.setattr(signals, "HEARTBEAT_SECONDS", 0.1)
    first = friday()["games"][0]
    publish(conn, friday(games=[first, first | {"key": "wheel"}]))
    return f"Bearer {api_key('campaigns:read')}"


@pytest.mark.parametrize("game", ["reel", "wheel"])
def test_each_game_of_a_campaign_is_signalled(app: Flask, settings: Settings, authorization: str, game: str) -> None:
    async def follow() -> str:
        async with stream(app, "/live/campaigns/friday", authorization=authorization) as next_text:
            assert (await next_text()).startswith(": here")
            while not (text := await next_text()).startswith("event: game"):
                notify_streams(settings, game, [])
            return text

    assert run(follow()) == "event: game\ndata: {}\n\n"


def test_another_game_is_not_signalled(app: Flask, settings: Settings, authorization: str) -> None:
    async def follow() -> list[str]:
        texts = []
        async with stream(app, "/live/campaigns/friday", authorization=authorization) as next_text:
            for _ in range(5):
                texts.append(await next_text())
                notify_streams(settings, "another", [])
        return texts

    assert all(text.startswith(":") for text in run(follow()))
