"""The relay: committed changes out of the outbox into projections, as absolute values, at least once."""

from collections.abc import Iterable
from typing import Any

import msgspec

from webapp.config import Settings
from webapp.projections import boards, epoch
from webapp.projections.boards import Score
from webapp.projections.redis import Redis, cache_redis
from webapp.store.events import history
from webapp.store.system.connection import connect

FEED_CHANNEL = "live:feed"
FEED_LINES_MAX = 20
decode = msgspec.json.decode


def relay(settings: Settings, limit: int) -> int:
    """Take up to `limit` batches out of the outbox and give how many.

    Without an epoch nothing is written and everything waits. Two relays may meet: each row is locked by one,
    and writing a row twice, or late, changes nothing. Raises `redis.RedisError` where Redis is away.
    """
    cache = cache_redis(settings)
    name = epoch.current(cache)
    if name is None:
        return 0
    with connect(settings.database_url) as conn:
        rows = history.take_outbox(conn, limit)
        if rows:
            words = [decode(payload) for payload in rows]
            _write(cache, name, words)
            conn.commit()
            _tell(cache, words)
    return len(rows)


def _write(cache: Redis, name: str, words: Iterable[dict[str, Any]]) -> None:
    runs: dict[tuple[str, str], list[Score]] = {}
    gone: list[tuple[int, int]] = []
    for word in words:
        for board, run, segment, _, player, _, score, reached, version in word["boards"]:
            runs.setdefault((board, run), []).append(Score(player, version, score, reached, segment))
        gone += [(number, version) for number, player, version in word["players"] if player is None]
    if runs:
        boards.write(cache, name, runs)
    boards.forget(cache, name, gone)


def _tell(cache: Redis, words: Iterable[dict[str, Any]]) -> None:
    """Tell live pages what changed; who does not listen reads it later."""
    lines = [line for word in words for line in word["feed"]]
    changed = {place[0] for word in words for place in word["boards"]}
    pipe = cache.pipeline(transaction=False)
    if lines:
        pipe.publish(FEED_CHANNEL, msgspec.json.encode(lines[-FEED_LINES_MAX:]))
    for board in changed:
        pipe.publish(f"live:board:{board}", b"{}")
    for word in words:
        for _, player, version in word["players"]:
            if player is not None:
                pipe.publish(f"live:player:{player}", str(version))
    pipe.execute()
