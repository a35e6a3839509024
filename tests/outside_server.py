"""An outside server on this machine: it records requests and answers as a test has told it to."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

THIS_MACHINE = ("127.0.0.0/8",)


@dataclass(frozen=True)
class ReceivedRequest:
    """One request."""

    headers: dict[str, str]
    raw: bytes

    @property
    def json(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads(self.raw)
        return content


@dataclass
class OutsideServer:
    """The requests so far, and how it answers: `answer(request)` gives a status and a body."""

    url: str
    requests: list[ReceivedRequest] = field(default_factory=list)
    answer: Callable[[ReceivedRequest], tuple[int, Any]] = lambda _request: (200, {})


@contextmanager
def outside_server() -> Iterator[OutsideServer]:
    """Run one."""

    class RecordRequest(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            headers = {name.lower(): value for name, value in self.headers.items()}
            received = ReceivedRequest(headers, self.rfile.read(length))
            outside.requests.append(received)
            status, content = outside.answer(received)
            body = content if isinstance(content, bytes) else json.dumps(content).encode()
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", outside.url)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_words: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), RecordRequest)
    outside = OutsideServer(f"http://127.0.0.1:{server.server_address[1]}/laurel")
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield outside
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
