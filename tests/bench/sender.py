"""The lightest client there is: prepared requests over kept connections, so that what is measured is the server."""

import json
import socket
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from tests.bench.running import Running
from tests.bench.steadily import HEAD_END, body_bytes, requested


@dataclass
class Sent:
    """What came back: seconds of each request, and how many there were of each status."""

    seconds: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)
    took: float = 0.0

    @property
    def good(self) -> int:
        """How many were taken."""
        return sum(many for status, many in self.statuses.items() if status < 300)

    def note(self, status: int, seconds: float) -> None:
        self.seconds.append(seconds)
        self.statuses[status] = self.statuses.get(status, 0) + 1


class Line:
    """One kept connection; requests one after the other."""

    def __init__(self, running: Running, key: str) -> None:
        place = urlsplit(running.url)
        self._running, self._key = running, key
        self._socket = socket.create_connection((str(place.hostname), int(place.port or 80)))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def post(self, path: str, content: Any) -> tuple[int, bytes]:
        return self._ask(requested(self._running, "POST", path, self._key, json.dumps(content).encode()))

    def get(self, path: str) -> tuple[int, bytes]:
        return self._ask(requested(self._running, "GET", path, self._key))

    def _ask(self, request: bytes) -> tuple[int, bytes]:
        self._socket.sendall(request)
        head, _, body = self._until_head().partition(HEAD_END)
        while len(body) < body_bytes(head):
            body += self._socket.recv(65536)
        return int(head.split(b" ", 2)[1]), body

    def _until_head(self) -> bytes:
        received = b""
        while HEAD_END not in received:
            part = self._socket.recv(65536)
            if not part:
                raise SystemExit("the server has hung up")
            received += part
        return received

    def close(self) -> None:
        self._socket.close()


def send_all(running: Running, key: str, wishes: Sequence[tuple[str, Any]], lines: int) -> Sent:
    """Post (path, content) over so many connections at once, as fast as answers come; 429s are sent again."""
    sent, gate, pending_wishes = Sent(), threading.Lock(), iter(wishes)

    def work() -> None:
        line = Line(running, key)
        while (wish := next(pending_wishes, None)) is not None:
            began = time.monotonic()
            while (status := line.post(*wish)[0]) == 429:
                time.sleep(0.2)
            with gate:
                sent.note(status, time.monotonic() - began)
        line.close()

    threads = [threading.Thread(target=work) for _ in range(lines)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sent.took = time.monotonic() - began
    return sent
