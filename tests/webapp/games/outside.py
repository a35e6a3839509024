"""A server outside, on this machine: it hears messages and answers as a test has told it."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

THIS_MACHINE = ("127.0.0.0/8",)


@dataclass(frozen=True)
class Heard:
    """One request."""

    headers: dict[str, str]
    raw: bytes

    @property
    def told(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.raw)
        return found


@dataclass
class Outside:
    """What it heard so far, and how it answers: with `answer(heard)`, a status and a body."""

    url: str
    heard: list[Heard] = field(default_factory=list)
    answer: Callable[[Heard], tuple[int, Any]] = lambda _heard: (200, {})


@contextmanager
def outside() -> Iterator[Outside]:
    """Run one."""

    class Hear(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            heard = Heard({name.lower(): value for name, value in self.headers.items()}, self.rfile.read(length))
            it.heard.append(heard)
            status, content = it.answer(heard)
            body = content if isinstance(content, bytes) else json.dumps(content).encode()
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", it.url)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_words: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Hear)
    it = Outside(f"http://127.0.0.1:{server.server_address[1]}/laurel")
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield it
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
