"""The stream of a whole campaign: it tells when plays of any of its games were decided, and of no other game."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.webapp.campaigns.friday_weekend import friday, publish
from webapp.config import Settings
from webapp.live import create_live_app, streams
from webapp.projections.play_signals import notify_streams
from webapp.store.system.connection import Connection


@pytest.fixture
def stream(
    conn: Connection, settings: Settings, api_key: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """What somebody hears of Friday Weekend, whose games are reel and wheel."""
    monkeypatch.setattr(streams, "HEARTBEAT_SECONDS", 0.1)
    reel = friday()["games"][0]
    publish(conn, friday(games=[reel, reel | {"key": "wheel"}]))
    headers = {"Authorization": f"Bearer {api_key('campaigns:read')}"}
    answer: Any = create_live_app(settings).test_client().get("/live/campaigns/friday", headers=headers)
    yield (part.decode() for part in answer.iter_encoded())
    answer.close()


@pytest.mark.parametrize("game", ["reel", "wheel"])
def test_the_stream_carries_each_game_of_the_campaign(stream: Iterator[str], settings: Settings, game: str) -> None:
    assert next(stream).startswith(": here")
    for line in stream:
        if line.startswith("event: game"):
            break
        notify_streams(settings, game, [])


def test_the_stream_carries_no_other_game(stream: Iterator[str], settings: Settings) -> None:
    for _ in range(5):
        assert next(stream).startswith(":")
        notify_streams(settings, "another", [])
