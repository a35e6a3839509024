"""Flask behind the event loop: a WSGI application in a bounded pool of threads.

A thread is taken once the whole body has come, and given back before the answer is sent, so that slow clients hold
none. Long answers wait in a file meanwhile.
"""

import asyncio
import sys
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import BytesIO
from typing import IO, Any
from wsgiref.types import WSGIApplication, WSGIEnvironment

from werkzeug.exceptions import ServiceUnavailable

from webapp.asgi.types import Scope

THREADS = 8
WAITING_MAX = 400  # requests for a free thread, beyond which the answer is 503
MEMORY_BYTES_MAX = 1024 * 1024


@dataclass
class FlaskAnswer:
    """What the WSGI application answered; `body` is read from its beginning and then closed."""

    status: int
    headers: list[tuple[str, str]]
    body: IO[bytes]
    body_bytes: int


class WsgiBridge:
    """Runs a WSGI application for an event loop."""

    def __init__(self, application: WSGIApplication) -> None:
        self._application = application
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="flask")
        self._waiting = 0

    async def respond(self, scope: Scope, body: bytes) -> FlaskAnswer:
        """Answer a request. Raises ServiceUnavailable while too many wait for a thread."""
        if self._waiting >= WAITING_MAX:
            raise ServiceUnavailable("too many requests at once; try again", retry_after=1)
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(
                self._threads, self._run, environment_of(scope, body)
            )
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """Let the requests that have a thread finish."""
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _run(self, environ: WSGIEnvironment) -> FlaskAnswer:
        started: list[Any] = []

        def start_response(status: str, headers: list[tuple[str, str]], _: object = None) -> Any:
            started[:] = [int(status.split(" ", 1)[0]), headers]
            return None

        parts = self._application(environ, start_response)
        body: IO[bytes] = tempfile.SpooledTemporaryFile(MEMORY_BYTES_MAX)  # noqa: SIM115  (its reader closes it)
        try:
            _write(body, parts)
        except BaseException:
            body.close()
            raise
        finally:
            if hasattr(parts, "close"):
                parts.close()
        size = body.tell()
        body.seek(0)
        return FlaskAnswer(started[0], started[1], body, size)


def _write(body: IO[bytes], parts: Iterable[bytes]) -> None:
    for part in parts:
        body.write(part)


def environment_of(scope: Scope, body: bytes) -> WSGIEnvironment:
    """The request as WSGI describes it."""
    host, port = scope.get("server") or ("localhost", 80)
    client = scope.get("client") or ("", 0)
    environ: dict[str, Any] = {
        # The answer to HEAD is that to GET, whose body is then left out: so both have the same headers.
        "REQUEST_METHOD": "GET" if scope["method"] == "HEAD" else scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": scope["path"].encode("utf-8", "surrogateescape").decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": host,
        "SERVER_PORT": str(port or 0),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": client[0],
        "REMOTE_PORT": str(client[1]),
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": BytesIO(body),
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        if name == "content-length":
            continue
        key = "CONTENT_TYPE" if name == "content-type" else f"HTTP_{name.upper().replace('-', '_')}"
        if "_" not in name:  # a name with an underscore could pass for one with a hyphen
            environ[key] = f"{environ[key]},{value}" if key in environ else value
    return environ
