"""The event loop of a process that has none of its own: there is one, whoever asks for it."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from webapp.http.event_loop import loop_thread
from webapp.http.event_loop.loop_thread import loop_of_process


def test_threads_that_ask_at_once_get_the_same_loop(monkeypatch):
    monkeypatch.setattr(loop_thread, "_loops", {})
    start = Barrier(12)

    def ask(_: int) -> asyncio.AbstractEventLoop:
        start.wait()
        return loop_of_process()

    with ThreadPoolExecutor(12) as pool:
        loops = set(pool.map(ask, range(12)))
    for loop in loops:
        end(loop)
    assert len(loops) == 1


def end(loop: asyncio.AbstractEventLoop) -> None:
    loop.call_soon_threadsafe(loop.stop)
    while loop.is_running():
        time.sleep(0.001)
    loop.close()
