"""Requests and answers of the routes that run on the event loop, whichever server or test carries them."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol, TypeAlias
from urllib.parse import parse_qsl

from flask import Flask
from werkzeug.datastructures import MultiDict
from werkzeug.http import parse_cookie

from webapp.config import Settings
from webapp.http.player_tokens import PlayerToken
from webapp.store.people.apps import ApiKey

JSON = "application/json"


class ClientGone(Exception):  # noqa: N818  (no error of ours)
    """The client has closed the connection before its request was read."""


@dataclass
class LoopRequest:
    """One request. Header names are in lower case; `read_body` gives the body once, as it was sent.

    `arguments` come from the path. `key` and `player` are set once the request has been admitted. Where the route
    checks keys late, `is_key_unchecked` says that `key` is only known from earlier requests so far.
    """

    app: Flask
    method: str
    path: str
    query_string: str
    headers: Mapping[str, str]
    read_body: Callable[[], Awaitable[bytes]]
    arguments: dict[str, Any] = field(default_factory=dict)
    key: ApiKey | None = None
    is_key_unchecked: bool = False
    player: PlayerToken | None = None

    @property
    def settings(self) -> Settings:
        """The settings of the application that serves this request."""
        settings: Settings = self.app.config["LAUREL"]
        return settings

    @property
    def app_id(self) -> int:
        """The app on whose behalf this request is made; only behind a scope or a player token."""
        if self.player is not None:
            return self.player.app_id
        assert self.key is not None
        return self.key.app_id

    @cached_property
    def query(self) -> MultiDict[str, str]:
        """The parameters of the query, read as Flask reads them."""
        return MultiDict(parse_qsl(self.query_string, keep_blank_values=True, errors="werkzeug.url_quote"))

    @cached_property
    def cookies(self) -> Mapping[str, str]:
        return parse_cookie(self.headers.get("cookie"))


@dataclass
class Answer:
    """A complete answer. Header names are written as they are sent; its length is added by whoever sends it."""

    status: int
    body: bytes
    headers: dict[str, str]


EventSender = Callable[[str], Awaitable[None]]
PartSender = Callable[[bytes], Awaitable[None]]
"""Sends a part of an answer; raises TimeoutError where the client takes nothing any more."""


@dataclass
class EventStream:
    """Server-sent events: `run` sends text until there is no more to say; it is cancelled when the client leaves."""

    run: Callable[[EventSender], Awaitable[None]]


class WaitingStream(Protocol):
    """Server-sent events that somebody else sends, so that nothing runs for a stream that waits.

    `open` begins it, `close` follows in any case. Whoever sends may give it up, which cancels the task that opened it.
    """

    is_given_up: bool

    async def open(self, send: PartSender) -> None: ...

    def close(self) -> None: ...


class WebSocketClosed(Exception):  # noqa: N818  (no error)
    """The other side of a WebSocket is gone."""


class WebSocketConnection(Protocol):
    """An accepted WebSocket. Both methods raise WebSocketClosed once the other side is gone."""

    async def receive(self) -> str | bytes: ...

    async def send(self, text: str) -> None: ...


@dataclass
class WebSocketSession:
    """What happens on a WebSocket: `run` is called once it is accepted, and the connection ends with it."""

    run: Callable[[WebSocketConnection], Awaitable[None]]


LoopAnswer: TypeAlias = Answer | EventStream | WaitingStream | WebSocketSession
LoopView: TypeAlias = Callable[[LoopRequest], Awaitable[LoopAnswer]]


def on_loop(view: Callable[[LoopRequest], Awaitable[Any]]) -> Callable[..., Any]:
    """Let a route run on the event loop; goes below `@allow`. Flask knows its URL, and `LoopRoutes` runs it."""
    view.__on_loop__ = True  # type: ignore[attr-defined]  # an attribute on a function, of which mypy knows nothing
    return view


def checks_key_late(view: Callable[[LoopRequest], Awaitable[Any]]) -> Callable[[LoopRequest], Awaitable[Any]]:
    """Let a route begin with a key that is only known from earlier requests; goes below `@on_loop`.

    Such a route reads and prepares. The call to the database that does what was asked for looks the key up first, and
    then the route sets `is_key_unchecked` to false. Before any other answer is sent, the server looks the key up.
    """
    view.__checks_key_late__ = True  # type: ignore[attr-defined]  # as above
    return view
