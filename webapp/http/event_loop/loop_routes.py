"""The routes that run on the event loop: those of Flask's routes that are declared so.

They are registered, named and permitted like all others, so that there is one map of URLs. A server calls `match` and
`respond`; Flask itself refuses to run them.
"""

from dataclasses import dataclass
from typing import Any

import psycopg
import structlog
from flask import Flask
from werkzeug.exceptions import HTTPException, InternalServerError
from werkzeug.routing import RequestRedirect

from webapp.http.access import permission_of
from webapp.http.event_loop.loop_access import admit, check_unchecked_key
from webapp.http.event_loop.messages import Answer, ClientGone, LoopAnswer, LoopRequest, LoopView
from webapp.http.headers import SECURITY_HEADERS
from webapp.http.problems import ApiProblem, http_problem, problem_answer, problem_of
from webapp.http.query_names import reject_unknown_parameters
from webapp.http.rate_limits import count_on_loop, quota_of, rate_limit_headers, reject_beyond

log = structlog.get_logger()

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"})  # Flask answers OPTIONS for every route


@dataclass(frozen=True, slots=True)
class LoopMatch:
    """A route on the event loop that serves a URL, and what it takes from the path."""

    endpoint: str
    view: LoopView
    arguments: dict[str, Any]


class LoopRoutes:
    """The routes of one application that run on the event loop."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._urls = app.url_map.bind("localhost")
        self._without_arguments: dict[tuple[str, str], LoopMatch] = {}

    def match(self, method: str, path: str, *, websocket: bool = False) -> LoopMatch | None:
        """The route that serves a URL, if it runs on the event loop; None for all that Flask answers itself."""
        if method not in METHODS:
            return None
        if not websocket and (matched := self._without_arguments.get((method, path))) is not None:
            return matched
        try:
            endpoint, arguments = self._urls.match(path, method, websocket=websocket)
        except (HTTPException, RequestRedirect):
            return None
        view: Any = self._app.view_functions[endpoint]
        if not hasattr(view, "__on_loop__"):
            return None
        matched = LoopMatch(endpoint, view, dict(arguments))
        if not arguments and not websocket:
            self._without_arguments[method, path] = matched
        return matched

    async def respond(self, match: LoopMatch, request: LoopRequest) -> LoopAnswer:
        """Admit, count and answer a request; every error becomes a problem."""
        request.arguments = match.arguments
        quota_headers: dict[str, str] = {}
        try:
            await self.admit(match, request, quota_headers)
            reject_unknown_parameters(self._app, match.endpoint, request.query)
            answer = await match.view(request)
            if request.is_key_unchecked:
                await self._check_key(match, request)
        except ClientGone:
            raise
        except Exception as error:  # noqa: BLE001  (the edge of the API: the client gets a problem, the log the rest)
            answer = problem_answer(self._problem(await self._decisive_error(match, request, error), request))
        if isinstance(answer, Answer):
            answer.headers = SECURITY_HEADERS | (quota_headers if request.key is not None else {}) | answer.headers
        return answer

    async def admit(self, match: LoopMatch, request: LoopRequest, headers: dict[str, str]) -> None:
        """Check the permission and count the request; adds the headers that tell how many requests are left."""
        checks_key_late = hasattr(match.view, "__checks_key_late__")
        await admit(request, permission_of(match.view), match.endpoint, checks_key_late=checks_key_late)
        counted, quota = await count_on_loop(request), quota_of(request.settings)
        headers.update(rate_limit_headers(counted, quota))
        reject_beyond(counted, quota)

    async def _check_key(self, match: LoopMatch, request: LoopRequest) -> None:
        permission = permission_of(match.view)
        assert permission is not None
        await check_unchecked_key(request, permission)

    async def _decisive_error(self, match: LoopMatch, request: LoopRequest, error: Exception) -> Exception:
        """What to tell the client: that its key was revoked comes before whatever else is wrong with its request."""
        if request.is_key_unchecked and not isinstance(error, psycopg.Error):
            try:
                await self._check_key(match, request)
            except Exception as key_error:  # noqa: BLE001  (answered in place of the other)
                return key_error
        return error

    def _problem(self, error: Exception, request: LoopRequest) -> ApiProblem:
        problem = problem_of(error)
        if problem is not None:
            return problem
        if self._app.testing and self._app.config["PROPAGATE_EXCEPTIONS"] is not False:
            raise error
        log.error("route_failed", method=request.method, path=request.path, exc_info=error)
        return http_problem(InternalServerError())
