"""The event loop of a process that has none of its own: there is one, whoever asks for it."""

import os
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from webapp.http.event_loop import loop_thread
from webapp.http.event_loop.loop_thread import loop_of_process


def test_threads_that_ask_at_once_get_the_same_loop(monkeypatch):
    monkeypatch.setattr(loop_thread, "_loops", {})
    start = Barrier(12)

    def ask(_: int) -> int:
        start.wait()
        return id(loop_of_process())

    with ThreadPoolExecutor(12) as pool:
        assert len(set(pool.map(ask, range(12)))) == 1
    loop = loop_thread._loops[os.getpid()]
    loop.call_soon_threadsafe(loop.stop)
