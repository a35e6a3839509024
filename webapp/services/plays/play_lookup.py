"""Looking plays up from the event loop: all who look at the same moment share a query."""

from collections.abc import MutableMapping, Sequence
from functools import partial
from typing import Any

from webapp.config import Settings
from webapp.http.event_loop.loop_batcher import every, shared_batcher
from webapp.store.campaigns import plays
from webapp.store.campaigns.plays import PlayResult
from webapp.store.system.connection import connect

INTERVAL_SECONDS = 0.01


async def play_result(
    extensions: MutableMapping[str, Any], settings: Settings, app_id: int, play_id: str
) -> PlayResult | None:
    """The present result of a play; None where this app has sent no such play. `extensions` keeps the batcher."""
    look_up = partial(_results, settings.database_url)
    batcher = shared_batcher(extensions, "laurel.plays", look_up, interval=every(INTERVAL_SECONDS))
    return await batcher.submit((app_id, play_id))


def _results(database_url: str, plays_of_apps: Sequence[tuple[int, str]]) -> list[PlayResult | None]:
    with connect(database_url, autocommit=True) as conn:
        return plays.play_results(conn, plays_of_apps)
