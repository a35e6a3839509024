"""The ASGI application in this process: one request at a time, and its answer as it would be sent."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, MutableMapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Flask

from webapp.asgi.application import WebApplication

Message = MutableMapping[str, Any]
T = TypeVar("T")


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine on an event loop of its own, in a thread: Playwright leaves one running in the tests' own."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()


@dataclass(frozen=True)
class Received:
    """An answer: its status, its headers by lower-case name, its body."""

    status: int
    headers: dict[str, str]
    body: bytes


def scope_of(method: str, path: str, headers: dict[str, str], *, client: str = "127.0.0.1") -> dict[str, Any]:
    """What a server tells of a request."""
    target, _, query = path.partition("?")
    return {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": target,
        "query_string": query.encode(),
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        "client": (client, 50_000),
        "server": ("127.0.0.1", 8000),
    }


def request(app: Flask, method: str, path: str, *, body: bytes = b"", **headers: str) -> Received:
    """Send a request and return its answer; `content_type="text/csv"` is a header."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return run(exchange(WebApplication(app), scope_of(method, path, named), [(body, 0.0)]))


async def exchange(
    application: WebApplication, scope: dict[str, Any], parts: Sequence[tuple[bytes, float]]
) -> Received:
    """Send a request whose body comes in parts, each after so many seconds, and return its answer."""
    coming = list(parts)
    sent: list[Message] = []

    async def receive() -> Message:
        if not coming:
            await asyncio.Event().wait()
        part, seconds = coming.pop(0)
        await asyncio.sleep(seconds)
        return {"type": "http.request", "body": part, "more_body": bool(coming)}

    async def send(message: Message) -> None:
        sent.append(message)

    await application(scope, receive, send)
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return Received(sent[0]["status"], headers, b"".join(message["body"] for message in sent[1:]))


@asynccontextmanager
async def stream(app: Flask, path: str, **headers: str) -> AsyncIterator[Callable[[], Awaitable[str]]]:
    """Open a stream of events; gives a function that waits for the next text."""
    texts: asyncio.Queue[str] = asyncio.Queue()
    has_left = asyncio.Event()
    is_first = [True]

    async def receive() -> Message:
        if is_first.pop() if is_first else False:
            return {"type": "http.request", "body": b"", "more_body": False}
        await has_left.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            assert message["status"] == 200, message
        else:
            texts.put_nowait(message["body"].decode())

    named = {name.replace("_", "-"): value for name, value in headers.items()}
    serving = asyncio.create_task(WebApplication(app)(scope_of("GET", path, named), receive, send))
    try:
        yield texts.get
    finally:
        has_left.set()
        await serving
        if (fanout := app.extensions.pop("laurel.fanout", None)) is not None:
            await fanout.close()
