"""Messages to live pages through Redis: who misses one reads the state of things later."""

from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any

import msgspec
from redis.asyncio import Redis as AsyncRedis

from webapp.config import Settings
from webapp.projections.redis import CONNECT_SECONDS_MAX, Redis

CHANNELS = "live:*"
BUNDLE = "live:bundle"
FEED_CHANNEL = "live:feed"
FEED_LINES_MAX = 20
POLL_SECONDS = 30.0  # between two looks at a silent connection


def publish_changes(cache: Redis, messages: Iterable[dict[str, Any]]) -> None:
    """Tell live pages what relayed batches changed: lines of the feed, boards, players."""
    lines = [line for message in messages for line in message["feed"]]
    changed_boards = {board[0] for message in messages for board in message["boards"]}
    contents = {f"live:board:{board}": "{}" for board in changed_boards}
    if lines:
        contents[FEED_CHANNEL] = msgspec.json.encode(lines[-FEED_LINES_MAX:]).decode()
    for message in messages:
        for _, player_id, version in message["players"]:
            if player_id is not None:
                contents[f"live:player:{player_id}"] = str(version)
    publish(cache, contents)


def publish(cache: Redis, contents: Mapping[str, str]) -> None:
    """Publish one message on each of these channels.

    They travel as one: a message of its own takes the client 20 µs, and each web process that listens twice as long.
    """
    if contents:
        cache.publish(BUNDLE, msgspec.json.encode(contents))


async def subscribe(settings: Settings) -> AsyncIterator[tuple[str, bytes]]:
    """Yield (channel, content) of whatever is published from now on, for ever. Raises `RedisError`."""
    cache = AsyncRedis.from_url(settings.cache_url, socket_connect_timeout=CONNECT_SECONDS_MAX, protocol=2)
    async with cache, cache.pubsub(ignore_subscribe_messages=True) as subscription:
        await subscription.psubscribe(CHANNELS)
        while True:
            message = await subscription.get_message(timeout=POLL_SECONDS)
            if message is None:
                continue
            if message["channel"] != BUNDLE.encode():
                yield message["channel"].decode(), message["data"]
                continue
            for channel, content in msgspec.json.decode(message["data"]).items():
                yield channel, content.encode()
