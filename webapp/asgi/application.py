"""The ASGI application that the web server runs."""

import asyncio
import os
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import structlog
from flask import Flask
from werkzeug.exceptions import BadRequest, HTTPException, InternalServerError, NotFound, TooManyRequests

from webapp.asgi.bridge import FlaskAnswer, WsgiBridge
from webapp.asgi.request_body import BodyReader
from webapp.asgi.tags_and_compression import accepts_gzip, compressed, may_compress, tagged, varies_by_encoding
from webapp.asgi.types import Receive, Scope, Send
from webapp.http.access import settings_of
from webapp.http.event_loop.loop_batcher import in_thread
from webapp.http.event_loop.loop_routes import LoopMatch, LoopRoutes
from webapp.http.event_loop.loop_thread import LoopMiddleware
from webapp.http.event_loop.messages import (
    Answer,
    ClientGone,
    EventStream,
    LoopAnswer,
    LoopRequest,
    WaitingStream,
    WebSocketClosed,
    WebSocketSession,
)
from webapp.http.headers import SECURITY_HEADERS
from webapp.http.problems import http_problem, problem_answer
from webapp.runtime import heartbeat
from webapp.runtime.addresses import is_loopback

log = structlog.get_logger()

PART_BYTES = 64 * 1024
WHOLE_BYTES_MAX = 1024 * 1024  # a longer answer of Flask is sent in parts, as it is
SEND_SECONDS_MAX = 60.0  # for a client to take a part of an answer
INLINE_GZIP_BYTES_MAX = 64 * 1024
BEAT_SECONDS = 1.0
CLOSING_STATUSES = frozenset({408, 413})  # the rest of the body is not read
EMPTY_STATUSES = frozenset({204, 304})


class WebApplication:
    """Serves HTTP, event streams and WebSockets of one Flask application."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        middleware = app.wsgi_app
        assert isinstance(middleware, LoopMiddleware)
        self._bridge = WsgiBridge(middleware.flask_application)
        self._routes = LoopRoutes(app)
        self._bodies = BodyReader(app.config["MAX_CONTENT_LENGTH"])
        self._requests_of = Counter[str]()
        self._heartbeat_folder: Path | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, one WebSocket, or the beginning and end of the server."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        address = client_address(scope, settings_of(self._app).proxies)
        self._requests_of[address] += 1
        try:
            if scope["type"] == "websocket":
                await self._serve_websocket(scope, receive, send, address)
                return
            stream = await self._answer_or_stream(scope, receive, send, address)
            if stream is not None:
                scope.clear()  # a stream lasts for hours: what is not needed is not kept
            if isinstance(stream, EventStream):
                await _serve_stream(stream, receive, send)
            elif stream is not None:
                await _serve_waiting(stream, receive, send)
        except ClientGone:
            pass
        finally:
            self._requests_of[address] -= 1
            if not self._requests_of[address]:
                del self._requests_of[address]

    def watch_over(self, folder: Path) -> None:
        """Record signs of life in a folder once the server runs."""
        self._heartbeat_folder = folder

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        beating = asyncio.create_task(_beat(self._heartbeat_folder)) if self._heartbeat_folder else None
        await send({"type": "lifespan.startup.complete"})
        await receive()
        if beating is not None:
            beating.cancel()
        if (fanout := self._app.extensions.get("laurel.fanout")) is not None:
            await fanout.close()
        self._bridge.close()
        await send({"type": "lifespan.shutdown.complete"})

    async def _answer_or_stream(
        self, scope: Scope, receive: Receive, send: Send, address: str
    ) -> EventStream | WaitingStream | None:
        """Answer a request; None once that is done, or the stream that is to be sent."""
        method, headers = scope["method"], headers_of(scope)
        try:
            self._reject_beyond_bounds(address, headers)
            match = self._routes.match(method, scope["path"])
            if match is None:
                body = await self._bodies.read(headers, receive)
                await self._send_flask_answer(await self._bridge.respond(scope, body), method, headers, send)
                return None
            answer = await self._routes.respond(match, self._request(scope, headers, receive))
        except HTTPException as error:  # refused before it was read, or while it was
            answer = _problem_answer(error)
        except ClientGone:
            raise
        except Exception:  # the edge of the server: the client gets an answer, the log the rest
            log.exception("request_failed", method=method, path=scope["path"])
            answer = _problem_answer(InternalServerError())
        if not isinstance(answer, Answer):
            assert not isinstance(answer, WebSocketSession)
            if method != "HEAD":
                return answer
            answer = Answer(200, b"", STREAM_HEADERS)
        if answer.status in CLOSING_STATUSES:
            answer.headers["Connection"] = "close"
        await self._send(answer, method, headers, send)
        return None

    def _request(self, scope: Scope, headers: Mapping[str, str], receive: Receive) -> LoopRequest:
        return LoopRequest(
            self._app,
            scope.get("method", "GET"),
            scope["path"],
            scope["query_string"].decode("latin-1"),
            headers,
            lambda: self._bodies.read(headers, receive),
        )

    def _reject_beyond_bounds(self, address: str, headers: Mapping[str, str]) -> None:
        """Raise TooManyRequests for an address that has too many requests open, BadRequest for an ambiguous one.

        Who calls from this machine is not counted: most likely it is a proxy that LAUREL_PROXIES does not name.
        """
        is_above = self._requests_of[address] > settings_of(self._app).requests_per_address
        if is_above and not is_loopback(address):
            raise TooManyRequests("too many requests of this address are open at once", retry_after=1)
        if "transfer-encoding" in headers and "content-length" in headers:
            raise BadRequest("a request has a Content-Length or a Transfer-Encoding, not both")

    async def _send_flask_answer(
        self, answer: FlaskAnswer, method: str, request_headers: Mapping[str, str], send: Send
    ) -> None:
        with answer.body:
            if answer.body_bytes > WHOLE_BYTES_MAX:
                await self._send_parts(answer, send)
                return
            body = answer.body.read()
        cookies = [value for name, value in answer.headers if name.lower() == "set-cookie"]
        headers: dict[str, str] = {}
        for name, value in answer.headers:
            if name.lower() not in {"set-cookie", "content-length"}:
                headers[name] = f"{headers[name]}, {value}" if name in headers else value
        await self._send(Answer(answer.status, body, headers), method, request_headers, send, cookies)

    async def _send_parts(self, answer: FlaskAnswer, send: Send) -> None:
        headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers]
        headers = [pair for pair in headers if pair[0] != b"content-length"]
        headers.append((b"content-length", str(answer.body_bytes).encode()))
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        while part := answer.body.read(PART_BYTES):
            async with asyncio.timeout(SEND_SECONDS_MAX):
                await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    async def _send(
        self, answer: Answer, method: str, request_headers: Mapping[str, str], send: Send, cookies: Iterable[str] = ()
    ) -> None:
        answer = tagged(answer, method, request_headers)
        if may_compress(answer, request_headers):
            if accepts_gzip(request_headers):
                is_long = len(answer.body) > INLINE_GZIP_BYTES_MAX
                answer = await in_thread(compressed, answer) if is_long else compressed(answer)
            answer = varies_by_encoding(answer)
        headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers.items()]
        headers += [(b"set-cookie", value.encode("latin-1")) for value in cookies]
        if answer.status not in EMPTY_STATUSES:
            headers.append((b"content-length", str(len(answer.body)).encode()))
        body = b"" if method == "HEAD" else answer.body
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _serve_websocket(self, scope: Scope, receive: Receive, send: Send, address: str) -> None:
        headers = headers_of(scope)
        match = self._routes.match("GET", scope["path"], websocket=True)
        answer: LoopAnswer
        try:
            self._reject_beyond_bounds(address, {})
            answer = await self._websocket_answer(match, self._request(scope, headers, receive))
        except HTTPException as error:
            answer = _problem_answer(error)
        await receive()  # its beginning
        if isinstance(answer, WebSocketSession):
            await send({"type": "websocket.accept"})
            with suppress(WebSocketClosed):
                await answer.run(AsgiWebSocket(receive, send))
            return
        assert isinstance(answer, Answer)
        raw = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers.items()]
        await send({"type": "websocket.http.response.start", "status": answer.status, "headers": raw})
        await send({"type": "websocket.http.response.body", "body": answer.body})

    async def _websocket_answer(self, match: LoopMatch | None, request: LoopRequest) -> LoopAnswer:
        if match is None:
            return _problem_answer(NotFound("no WebSocket is served here"))
        return await self._routes.respond(match, request)


class AsgiWebSocket:
    """A WebSocket of an ASGI server."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive, self._send = receive, send
        self._is_open = True

    async def receive(self) -> str | bytes:
        message = await self._receive()
        if message["type"] == "websocket.disconnect":
            self._is_open = False
            raise WebSocketClosed
        text, content = message.get("text"), message.get("bytes")
        return str(text) if text is not None else bytes(content or b"")

    async def send(self, text: str) -> None:
        if not self._is_open:
            raise WebSocketClosed
        await self._send({"type": "websocket.send", "text": text})


async def _beat(folder: Path) -> None:
    """Say again and again that this event loop still turns."""
    while True:
        heartbeat.beat(folder, os.getpid())
        await asyncio.sleep(BEAT_SECONDS)


STREAM_HEADERS = {
    **SECURITY_HEADERS,
    "Content-Type": "text/event-stream",
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",
}
RAW_STREAM_HEADERS = [(name.lower().encode(), value.encode()) for name, value in STREAM_HEADERS.items()]


async def _serve_stream(stream: EventStream, receive: Receive, send: Send) -> None:
    """Send a stream until it ends or its client leaves."""
    await send({"type": "http.response.start", "status": 200, "headers": RAW_STREAM_HEADERS})

    async def send_text(text: str) -> None:
        async with asyncio.timeout(SEND_SECONDS_MAX):
            await send({"type": "http.response.body", "body": text.encode(), "more_body": True})

    running = asyncio.current_task()
    assert running is not None
    watching = asyncio.ensure_future(_watch_client(receive, running))
    try:
        await stream.run(send_text)
    except asyncio.CancelledError:
        if not watching.done():
            raise
        running.uncancel()
    except TimeoutError:
        pass  # the client takes nothing any more
    else:
        await send({"type": "http.response.body", "body": b""})
    finally:
        watching.cancel()


async def _serve_waiting(stream: WaitingStream, receive: Receive, send: Send) -> None:
    """Keep a stream open until its client leaves; whoever has something to say sends it."""
    await send({"type": "http.response.start", "status": 200, "headers": RAW_STREAM_HEADERS})
    try:
        await stream.open(partial(_send_part, send))
        while (await receive())["type"] != "http.disconnect":
            pass
    except asyncio.CancelledError:
        if not stream.is_given_up:
            raise
    except TimeoutError:
        pass  # the client has not even taken the beginning
    finally:
        stream.close()


async def _send_part(send: Send, part: bytes) -> None:
    async with asyncio.timeout(SEND_SECONDS_MAX):
        await send({"type": "http.response.body", "body": part, "more_body": True})


async def _watch_client(receive: Receive, stream: "asyncio.Task[Any]") -> None:
    """Cancel a stream once its client has left."""
    while (await receive())["type"] != "http.disconnect":
        pass
    stream.cancel()


def headers_of(scope: Scope) -> dict[str, str]:
    """The headers by name; one that comes more than once is joined."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        separator = "; " if name == "cookie" else ", "
        headers[name] = f"{headers[name]}{separator}{value}" if name in headers else value
    return headers


def client_address(scope: Scope, proxies: int) -> str:
    """Where a request comes from: what the outermost of the trusted proxies saw."""
    client = scope.get("client") or ("", 0)
    if proxies:
        forwarded = [
            part.strip()
            for name, value in scope["headers"]
            if name == b"x-forwarded-for"
            for part in value.decode("latin-1").split(",")
        ]
        if len(forwarded) >= proxies:
            return str(forwarded[-proxies])
    return str(client[0])


def _problem_answer(error: HTTPException) -> Answer:
    answer = problem_answer(http_problem(error))
    answer.headers = SECURITY_HEADERS | answer.headers
    return answer
