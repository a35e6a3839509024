"""An event loop in a thread, so that WSGI servers and tests can serve the routes that run on one."""

import asyncio
import os
from collections.abc import Coroutine, Iterable
from threading import Lock, Thread
from typing import Any, TypeVar
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask
from werkzeug.wrappers import Request, Response

from webapp.http.event_loop.loop_routes import LoopMatch, LoopRoutes
from webapp.http.event_loop.messages import Answer, LoopRequest

T = TypeVar("T")


_loops: dict[int, asyncio.AbstractEventLoop] = {}
_starting = Lock()


def loop_of_process() -> asyncio.AbstractEventLoop:
    """The one loop of this process, started by whoever needs it first; a fork has none of its parent's threads."""
    with _starting:  # two loops would wait for each other's gathered calls for ever
        loop = _loops.get(os.getpid())
        if loop is None:
            loop = _loops[os.getpid()] = asyncio.new_event_loop()
            Thread(target=loop.run_forever, name="event loop", daemon=True).start()
    return loop


def run_on_loop(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine on this process's loop and wait for its result."""
    return asyncio.run_coroutine_threadsafe(coroutine, loop_of_process()).result()


class LoopMiddleware:
    """A WSGI application that serves routes on the event loop there, and all others through Flask.

    Streams need a real connection and are answered with 501.
    """

    def __init__(self, app: Flask, flask_application: WSGIApplication) -> None:
        self._app, self.flask_application = app, flask_application
        self._routes: LoopRoutes | None = None

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "").encode("latin-1").decode("utf-8", "replace")
        if self._routes is None:
            self._routes = LoopRoutes(self._app)
        match = self._routes.match(environ["REQUEST_METHOD"], path)
        if match is None:
            return self.flask_application(environ, start_response)
        respond = self._answer(self._routes, match, Request(environ), path)
        return respond(environ, start_response)

    def _answer(self, routes: LoopRoutes, match: LoopMatch, received: Request, path: str) -> WSGIApplication:
        received.max_content_length = self._app.config["MAX_CONTENT_LENGTH"]

        async def read_body() -> bytes:
            return received.get_data()

        request = LoopRequest(
            self._app,
            received.method,
            path,
            received.query_string.decode("latin-1"),
            {name.lower(): value for name, value in received.headers},
            read_body,
        )
        answer = run_on_loop(routes.respond(match, request))
        if not isinstance(answer, Answer):
            return Response("streams are served over ASGI only", 501)
        return Response(answer.body, answer.status, answer.headers)
