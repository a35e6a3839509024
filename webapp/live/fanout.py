"""One subscription to Redis for the whole process, passed on to every stream that listens."""

import contextlib
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from queue import Empty, Full, Queue

from webapp.config import Settings
from webapp.projections.live_messages import subscribe
from webapp.projections.redis import RedisError

WAITING_MAX = 20
RETRY_SECONDS = 1.0


class Fanout:
    """Subscribes with its first listener; a stream that does not keep up misses messages but never blocks others."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._listeners: dict[str, set[Queue[bytes]]] = defaultdict(set)
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    @contextlib.contextmanager
    def listen(self, *channels: str) -> Iterator["Queue[bytes]"]:
        """Yield a queue of what is published on these channels from now on."""
        queue: Queue[bytes] = Queue(WAITING_MAX)
        with self._lock:
            for channel in channels:
                self._listeners[channel].add(queue)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, daemon=True)
                self._thread.start()
        try:
            yield queue
        finally:
            with self._lock:
                for channel in channels:
                    self._stop_listening(channel, queue)

    def _stop_listening(self, channel: str, queue: "Queue[bytes]") -> None:
        """Forget a channel without listeners: each play has one of its own, so they would pile up."""
        self._listeners[channel].discard(queue)
        if not self._listeners[channel]:
            del self._listeners[channel]

    def _run(self) -> None:
        while True:
            try:
                self._pass_on()
            except RedisError:
                # Redis is away; pages show their last values until it returns.
                time.sleep(RETRY_SECONDS)

    def _pass_on(self) -> None:
        for channel, content in subscribe(self._settings):
            with self._lock:
                listeners = list(self._listeners.get(channel, ()))
            for queue in listeners:
                with contextlib.suppress(Full):
                    queue.put_nowait(content)


def next_message(queue: "Queue[bytes]", seconds: float) -> bytes | None:
    """The next message, or None after so many seconds of silence."""
    try:
        return queue.get(timeout=seconds)
    except Empty:
        return None
