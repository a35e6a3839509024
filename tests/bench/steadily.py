"""An honest steady rate: each request has a moment at which it is due, whatever became of those before it.

One thread, prepared bytes and kept connections: what a request costs the sender is small beside what it costs the
server. Latencies count from the moment at which a request was due, so that a sender who falls behind hides nothing.
"""

import selectors
import socket
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from tests.bench.running import Running

LINES = 48
TICK_SECONDS = 0.002
HEAD_END = b"\r\n\r\n"

Look = Callable[[float], bool]
"""Called with the seconds since the beginning, every two milliseconds; in the end for as long as it gives true."""


@dataclass(slots=True)
class Wish:
    """A request, and perhaps one that follows it over the same connection; `due` in seconds after the beginning.

    `answered` and `told` are the seconds from when it was due to the two answers.
    """

    due: float
    request: bytes
    then: bytes | None = None
    answered: float | None = None
    told: float | None = None

    def note(self, now: float) -> bytes | None:
        """An answer has come; gives what is to be asked next."""
        if self.answered is None:
            self.answered = now - self.due
            return self.then
        self.told = now - self.due
        return None


def requested(running: Running, method: str, path: str, key: str, body: bytes = b"") -> bytes:
    """The bytes of one request."""
    head = f"{method} {path} HTTP/1.1\r\nHost: {urlsplit(running.url).netloc}\r\nAuthorization: Bearer {key}\r\n"
    body_headers = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n" if body else ""
    return f"{head}{body_headers}\r\n".encode() + body


def body_bytes(head: bytes) -> int:
    """How long the body is that follows the head of an answer."""
    return int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])


@dataclass(slots=True, eq=False)
class Line:
    """One kept connection, and the wish that is under way on it."""

    socket: socket.socket
    wish: Wish
    heard: bytes = b""

    def ask(self, request: bytes) -> None:
        self.heard = b""
        self.socket.sendall(request)

    def is_answered(self) -> bool:
        """Read what has come; whether that was all of an answer."""
        part = self.socket.recv(65536)
        if not part:
            raise SystemExit("the server has hung up")
        self.heard += part
        head, end, body = self.heard.partition(HEAD_END)
        if not end or len(body) < body_bytes(head):
            return False
        if not head.startswith(b"HTTP/1.1 2"):
            raise SystemExit(self.heard.decode(errors="replace"))
        return True


class Rate:
    """A run under way: what is due and has no connection yet, what is asked, and which connections are free."""

    def __init__(self, running: Running, wishes: Iterable[Wish]) -> None:
        place = urlsplit(running.url)
        self._wishes = deque(wishes)
        self._ears = selectors.DefaultSelector()
        self._free = deque(self._line(str(place.hostname), int(place.port or 80)) for _ in range(LINES))
        self._began = time.monotonic()

    def _line(self, host: str, port: int) -> Line:
        line = Line(socket.create_connection((host, port), timeout=60), self._wishes[0])
        line.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._ears.register(line.socket, selectors.EVENT_READ, line)
        return line

    @property
    def now(self) -> float:
        return time.monotonic() - self._began

    def run(self, look: Look) -> float:
        """Send everything, each when it is due; gives when the last answer came."""
        looked, answered_at, is_looking = 0.0, 0.0, True
        while self._wishes or len(self._free) < LINES:
            self._ask()
            answered_at = self._hear() or answered_at
            if self.now - looked >= TICK_SECONDS:
                is_looking, looked = look(self.now), self.now
        while is_looking:
            time.sleep(TICK_SECONDS)
            is_looking = look(self.now)
        return answered_at

    def _ask(self) -> None:
        while self._free and self._wishes and self._wishes[0].due <= self.now:
            line = self._free.popleft()
            line.wish = self._wishes.popleft()
            line.ask(line.wish.request)

    def _hear(self) -> float | None:
        """Hear what has come within a tick; gives the moment of the last answer."""
        answered_at = None
        for key, _ in self._ears.select(TICK_SECONDS):
            line: Line = key.data
            if line.is_answered():
                answered_at = self.now
                following = line.wish.note(answered_at)
                if following is None:
                    self._free.append(line)
                else:
                    line.ask(following)
        return answered_at

    def close(self) -> None:
        for line in self._free:
            line.socket.close()
        self._ears.close()


def send(running: Running, wishes: list[Wish], look: Look = lambda _: False) -> float:
    """Send each wish when it is due, in that order; gives how many seconds after the last was due the last was done."""
    rate = Rate(running, wishes)
    try:
        return rate.run(look) - wishes[-1].due
    finally:
        rate.close()
