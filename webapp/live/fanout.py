"""One subscription to Redis for the whole process, passed on to every stream that listens."""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Iterator, MutableMapping
from typing import Any, Protocol

from webapp.config import Settings
from webapp.projections.live_messages import subscribe
from webapp.projections.redis import RedisError

WAITING_MAX = 20
RETRY_SECONDS = 1.0


class Listener:
    """The messages that one stream has not read yet; one that does not keep up loses the newest, and blocks nobody."""

    __slots__ = ("_messages", "_wake_up")

    def __init__(self) -> None:
        self._messages: list[bytes] = []  # an empty deque would hold ten times the memory
        self._wake_up: asyncio.Future[None] | None = None

    def put(self, content: bytes) -> None:
        """Add a message and wake the stream."""
        if len(self._messages) < WAITING_MAX:
            self._messages.append(content)
        if self._wake_up is not None and not self._wake_up.done():
            self._wake_up.set_result(None)

    async def next_message(self, seconds: float) -> bytes | None:
        """The next message, or None after so many seconds of silence."""
        if not self._messages:
            loop = asyncio.get_running_loop()
            self._wake_up = wake_up = loop.create_future()
            timer = loop.call_later(seconds, _wake, wake_up)
            try:
                await wake_up
            finally:
                self._wake_up = None
                timer.cancel()
        return self._messages.pop(0) if self._messages else None


def _wake(future: "asyncio.Future[None]") -> None:
    if not future.done():
        future.set_result(None)


class Receiver(Protocol):
    """Somebody to whom the messages of a channel are given; must not block."""

    def put(self, content: bytes) -> None: ...


class Fanout:
    """Subscribes with its first listener; lives on one event loop."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._listeners: dict[str, set[Receiver]] = defaultdict(set)
        self._subscriber: asyncio.Task[None] | None = None

    @contextlib.contextmanager
    def listen(self, *channels: str) -> Iterator[Listener]:
        """Give a listener to what is published on these channels from now on."""
        listener = Listener()
        for channel in channels:
            self.add(channel, listener)
        try:
            yield listener
        finally:
            for channel in channels:
                self.remove(channel, listener)

    def add(self, channel: str, receiver: Receiver) -> None:
        """Give somebody what is published on a channel from now on."""
        self._listeners[channel].add(receiver)
        if self._subscriber is None:
            self._subscriber = asyncio.get_running_loop().create_task(self._run())

    def remove(self, channel: str, receiver: Receiver) -> None:
        """Forget a receiver, and a channel without any: each play has one of its own, so they would pile up."""
        receivers = self._listeners.get(channel, set())
        receivers.discard(receiver)
        if not receivers:
            self._listeners.pop(channel, None)

    async def close(self) -> None:
        """End the subscription."""
        if self._subscriber is not None:
            self._subscriber.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._subscriber

    async def _run(self) -> None:
        while True:
            try:
                async for channel, content in subscribe(self._settings):
                    for receiver in tuple(self._listeners.get(channel, ())):
                        receiver.put(content)
            except RedisError:
                # Redis is away; pages show their last values until it returns.
                await asyncio.sleep(RETRY_SECONDS)


def fanout_of(extensions: MutableMapping[str, Any], settings: Settings) -> Fanout:
    """The fan-out of this process, made at its first use."""
    fanout: Fanout = extensions.setdefault("laurel.fanout", Fanout(settings))
    return fanout
