"""Streams of signals: changes are signalled, bursts once, silence is broken; who takes nothing is given up."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from tests.asgi import run
from webapp.config import Settings
from webapp.live import signals
from webapp.live.fanout import Fanout
from webapp.live.signals import HEARTBEAT, OPENING, SignalClock, SignalStream

CHANNEL, EVENT = "live:board:weekly", b"event: board\ndata: {}\n\n"


class Parts(asyncio.Queue[bytes]):
    """What a stream has sent."""

    async def next(self, count: int) -> list[bytes]:
        return [await self.get() for _ in range(count)]


@pytest.fixture
def follow(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[bytes]]:
    """Run something beside an open stream; returns what the stream has sent."""
    monkeypatch.setattr(signals, "TICK_SECONDS", 0.005)
    monkeypatch.setattr(signals, "SIGNAL_GAP_SECONDS", 0.1)

    async def follow(during: Callable[[SignalStream, Parts], Awaitable[list[bytes]]]) -> list[bytes]:
        parts = Parts()
        fanout = Fanout(settings)
        clock = SignalClock(fanout)
        stream = SignalStream(clock, (CHANNEL,), EVENT)
        await stream.open(parts.put)
        sent = await during(stream, parts)
        stream.close()
        assert not fanout._listeners
        assert not clock._sent_at
        await fanout.close()
        return sent

    return lambda during: run(follow(during))


def test_a_burst_is_signalled_at_once_and_at_its_end(follow: Callable[..., list[bytes]]) -> None:
    async def change(stream: SignalStream, parts: Parts) -> list[bytes]:
        stream.put(b"")
        sent = await parts.next(2)
        for _ in range(5):
            stream.put(b"")
        sent += await parts.next(1)
        await asyncio.sleep(0.2)
        assert parts.empty()
        return sent

    assert follow(change) == [OPENING, EVENT, EVENT]


def test_silence_is_broken(follow: Callable[..., list[bytes]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signals, "HEARTBEAT_SECONDS", 0.02)
    assert follow(lambda _, parts: parts.next(3)) == [OPENING, HEARTBEAT, HEARTBEAT]


def test_a_client_that_takes_nothing_is_given_up(settings: Settings) -> None:
    async def keep_open() -> bool:
        stream = SignalStream(SignalClock(Fanout(settings)), (CHANNEL,), EVENT)

        async def send(part: bytes) -> None:
            if part is EVENT:
                raise TimeoutError

        try:
            await stream.open(send)
            stream.put(b"")
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            return stream.is_given_up
        finally:
            stream.close()
        return False

    assert run(keep_open())
