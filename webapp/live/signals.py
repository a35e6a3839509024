"""Signals to streams that mostly wait: thousands are open, so each is a few fields instead of a loop of its own.

The fan-out marks a stream whose subject has changed; one clock for all sends what is due, and the heartbeats.
"""

import asyncio
from collections.abc import MutableMapping, Sequence
from typing import Any

from webapp.config import Settings
from webapp.http.event_loop.messages import PartSender
from webapp.live.fanout import Fanout, fanout_of

HEARTBEAT_SECONDS = 15.0
SIGNAL_GAP_SECONDS = 1.0
TICK_SECONDS = 0.1
OPENING, HEARTBEAT = b": here\n\n", b": still here\n\n"


class SignalStream:
    """One client's stream: the same event whenever one of its channels has a message, at most once a second.

    A message within that second is signalled at its end, since the client may have looked before the change.
    """

    __slots__ = (
        "_channels",
        "_clock",
        "_event",
        "_has_changed",
        "_is_sending",
        "_next_signal_at",
        "_send",
        "_task",
        "is_given_up",
    )

    def __init__(self, clock: "SignalClock", channels: Sequence[str], event: bytes) -> None:
        self._clock, self._channels, self._event = clock, channels, event
        self._has_changed, self._is_sending, self._next_signal_at = False, True, 0.0
        self.is_given_up = False
        self._send: PartSender | None = None
        self._task: asyncio.Task[Any] | None = None

    async def open(self, send: PartSender) -> None:
        """Begin to listen, then tell the client so: whatever it sees to have changed after that is signalled.

        The task that calls this is cancelled once the stream is given up.
        """
        self._send, self._task = send, asyncio.current_task()
        self._clock.add(self, self._channels)
        await send(OPENING)
        self._is_sending = False

    def close(self) -> None:
        """Stop listening."""
        self._clock.remove(self, self._channels)
        self._send = self._task = None

    def put(self, _content: bytes) -> None:
        """Note that the subject of the stream has changed."""
        self._has_changed = True
        self._clock.note_change(self)

    def due(self, now: float) -> bytes | None:
        """The signal, if it can be sent now."""
        can_send = self._has_changed and not self._is_sending and now >= self._next_signal_at
        return self._event if can_send else None

    async def push(self, text: bytes) -> None:
        """Send a signal or a heartbeat, unless something is being sent. A client that takes nothing is given up."""
        if self._is_sending or self._send is None:
            return
        loop = asyncio.get_running_loop()
        self._is_sending = True
        if text is self._event:
            self._has_changed, self._next_signal_at = False, loop.time() + SIGNAL_GAP_SECONDS
        try:
            await self._send(text)
        except TimeoutError:
            if self._task is not None:
                self.is_given_up = True
                self._task.cancel()
        finally:
            self._is_sending = False


class SignalClock:
    """Sends to the open streams of one event loop what is due; at rest while there are none."""

    def __init__(self, fanout: Fanout) -> None:
        self.fanout = fanout
        self._sent_at: dict[SignalStream, float] = {}  # of every open stream, longest silence first
        self._changed: set[SignalStream] = set()
        self._next_tick: asyncio.TimerHandle | None = None
        self._pushes: set[asyncio.Task[None]] = set()

    def add(self, stream: SignalStream, channels: Sequence[str]) -> None:
        self._sent_at[stream] = asyncio.get_running_loop().time()
        for channel in channels:
            self.fanout.add(channel, stream)
        if self._next_tick is None:
            self._next_tick = asyncio.get_running_loop().call_later(TICK_SECONDS, self._tick)

    def remove(self, stream: SignalStream, channels: Sequence[str]) -> None:
        self._sent_at.pop(stream, None)
        self._changed.discard(stream)
        for channel in channels:
            self.fanout.remove(channel, stream)

    def note_change(self, stream: SignalStream) -> None:
        """Signal a change now, or with the first tick that may."""
        if (event := stream.due(asyncio.get_running_loop().time())) is not None:
            self._push(stream, event)
        else:
            self._changed.add(stream)

    def _push(self, stream: SignalStream, text: bytes) -> None:
        if stream in self._sent_at:
            del self._sent_at[stream]  # so that it comes last
            self._sent_at[stream] = asyncio.get_running_loop().time()
        push = asyncio.get_running_loop().create_task(stream.push(text))
        self._pushes.add(push)
        push.add_done_callback(self._pushes.discard)

    def _tick(self) -> None:
        loop = asyncio.get_running_loop()
        self._signal_changes(loop.time())
        self._keep_alive(loop.time())
        self._next_tick = loop.call_later(TICK_SECONDS, self._tick) if self._sent_at else None

    def _signal_changes(self, now: float) -> None:
        for stream in list(self._changed):
            if (event := stream.due(now)) is not None:
                self._changed.discard(stream)
                self._push(stream, event)

    def _keep_alive(self, now: float) -> None:
        """Send something to whom nothing was sent for long: proxies end silent connections."""
        silent = []
        for stream, sent_at in self._sent_at.items():
            if now - sent_at < HEARTBEAT_SECONDS:
                break
            silent.append(stream)
        for stream in silent:
            self._push(stream, HEARTBEAT)


def clock_of(extensions: MutableMapping[str, Any], settings: Settings) -> SignalClock:
    """The clock of this process, made at its first use together with the fan-out."""
    fanout = fanout_of(extensions, settings)
    clock: SignalClock | None = extensions.get("laurel.signals")
    if clock is None or clock.fanout is not fanout:
        clock = extensions["laurel.signals"] = SignalClock(fanout)
    return clock
