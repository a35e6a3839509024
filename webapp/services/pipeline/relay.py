"""The relay: committed changes out of the outbox into projections, as absolute values, at least once."""

from collections.abc import Iterable
from typing import Any

import msgspec
import redis
import structlog

from webapp.config import Settings
from webapp.projections import boards, epoch
from webapp.projections.boards import Score
from webapp.projections.redis import Redis, cache_redis
from webapp.store.events import history
from webapp.store.system.connection import connect

log = structlog.get_logger()

FEED_CHANNEL = "live:feed"
FEED_LINES_MAX = 20
BATCHES_AT_ONCE = 500
decode_json = msgspec.json.decode


def try_relay(settings: Settings) -> None:
    """Relay what has just been committed; while Redis is away it waits in the outbox."""
    try:
        relay(settings)
    except redis.RedisError as error:
        log.warning("relay_postponed", error=str(error))


def relay(settings: Settings, limit: int = BATCHES_AT_ONCE) -> int:
    """Take up to `limit` batches out of the outbox and return how many.

    Without an epoch nothing is written and everything waits. Two relays may meet: each row is locked by one of them,
    and writing a row twice, or late, changes nothing. Raises `redis.RedisError` where Redis is away.
    """
    cache = cache_redis(settings)
    epoch_name = epoch.current(cache)
    if epoch_name is None:
        return 0
    with connect(settings.database_url) as conn:
        payloads = history.take_outbox(conn, limit)
        if payloads:
            messages = [decode_json(payload) for payload in payloads]
            _write(cache, epoch_name, messages)
            conn.commit()
            _publish(cache, messages)
    return len(payloads)


def _write(cache: Redis, epoch_name: str, messages: Iterable[dict[str, Any]]) -> None:
    runs: dict[tuple[str, str], list[Score]] = {}
    erased: list[tuple[int, int]] = []
    for message in messages:
        for board, run, segment, _, player, _, score, reached, version in message["boards"]:
            runs.setdefault((board, run), []).append(Score(player, version, score, reached, segment))
        erased += [(number, version) for number, player_id, version in message["players"] if player_id is None]
    if runs:
        boards.write(cache, epoch_name, runs)
    boards.forget(cache, epoch_name, erased)


def _publish(cache: Redis, messages: Iterable[dict[str, Any]]) -> None:
    """Tell live pages what changed; a page that misses it reads it later."""
    lines = [line for message in messages for line in message["feed"]]
    changed_boards = {board[0] for message in messages for board in message["boards"]}
    pipe = cache.pipeline(transaction=False)
    if lines:
        pipe.publish(FEED_CHANNEL, msgspec.json.encode(lines[-FEED_LINES_MAX:]))
    for board in changed_boards:
        pipe.publish(f"live:board:{board}", b"{}")
    for message in messages:
        for _, player_id, version in message["players"]:
            if player_id is not None:
                pipe.publish(f"live:player:{player_id}", str(version))
    pipe.execute()
