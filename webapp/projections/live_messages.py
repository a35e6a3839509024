"""Messages to live pages through Redis: who misses one reads the state of things later."""

from collections.abc import AsyncIterator, Iterable
from typing import Any

import msgspec
from redis.asyncio import Redis as AsyncRedis

from webapp.config import Settings
from webapp.projections.redis import CONNECT_SECONDS_MAX, Redis

CHANNELS = "live:*"
FEED_CHANNEL = "live:feed"
FEED_LINES_MAX = 20
POLL_SECONDS = 30.0  # between two looks at a silent connection


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


async def subscribe(settings: Settings) -> AsyncIterator[tuple[str, bytes]]:
    """Yield (channel, content) of whatever is published from now on, for ever. Raises `RedisError`."""
    cache = AsyncRedis.from_url(settings.cache_url, socket_connect_timeout=CONNECT_SECONDS_MAX, protocol=2)
    async with cache, cache.pubsub(ignore_subscribe_messages=True) as subscription:
        await subscription.psubscribe(CHANNELS)
        while True:
            message = await subscription.get_message(timeout=POLL_SECONDS)
            if message is not None:
                yield message["channel"].decode(), message["data"]
