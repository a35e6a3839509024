"""Messages to live pages through Redis: who misses one reads the state of things later."""

import contextlib
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from webapp.config import Settings
from webapp.projections.redis import Redis, cache_redis

CHANNELS = "live:*"
FEED_CHANNEL = "live:feed"
FEED_LINES_MAX = 20
POLL_SECONDS = 0.5


def publish_changes(cache: Redis, messages: Iterable[dict[str, Any]]) -> None:
    """Tell live pages what relayed batches changed: lines of the feed, boards, players."""
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


def subscribe(settings: Settings) -> Iterator[tuple[str, bytes]]:
    """Yield (channel, content) of whatever is published from now on, for ever. Raises `RedisError`."""
    with contextlib.closing(cache_redis(settings).pubsub(ignore_subscribe_messages=True)) as subscription:
        subscription.psubscribe(CHANNELS)
        while True:
            message = subscription.get_message(timeout=POLL_SECONDS)
            if message is not None:
                yield message["channel"].decode(), message["data"]
