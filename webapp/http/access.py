"""Who may do what: every route declares its permission, and what declares none is refused."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from flask import Flask, Response, current_app, g, request
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Forbidden, Unauthorized

from webapp.config import Settings
from webapp.http import player_tokens, reject_nul
from webapp.http.api_key_auth import presented_key
from webapp.http.player_tokens import PlayerToken
from webapp.store.people import sign_ins
from webapp.store.people.apps import SCOPES, ApiKey
from webapp.store.people.operators import Operator
from webapp.store.system.connection import connect

View = TypeVar("View", bound=Callable[..., Any])


class Role(StrEnum):
    """What an operator may do; each role may do all that the ones before it may."""

    VIEWER = "viewer"
    AUTHOR = "author"
    PUBLISHER = "publisher"
    ADMIN = "admin"

    def covers(self, other: "Role") -> bool:
        """Whether this role may do what the other may."""
        ranks = list(Role)
        return ranks.index(self) >= ranks.index(other)


@dataclass(frozen=True, slots=True)
class Permission:
    """What a route asks for: a key's scope, an operator's role, a player's token, one of them, or nothing."""

    scope: str | None = None
    role: Role | None = None
    player: bool = False
    public: bool = False


def allow(
    *, scope: str | None = None, role: Role | None = None, player: bool = False, public: bool = False
) -> Callable[[View], View]:
    """Declare who may call a route; stands below the route's own decorator."""
    assert (scope is not None or role is not None or player) != public, "either public, or somebody in particular"
    assert scope is None or scope in SCOPES, scope

    def declare(view: View) -> View:
        view.__permission__ = Permission(scope, role, player, public)  # type: ignore[attr-defined]  # a mark on a function
        return view

    return declare


def permission_of(view: Callable[..., Any]) -> Permission | None:
    """What a route's function declares; None where it declares nothing."""
    permission: Permission | None = getattr(view, "__permission__", None)
    return permission


def undeclared(app: Flask) -> list[str]:
    """The endpoints that nobody may call because they declare no permission; a test wants none."""
    return sorted(
        name for name, view in app.view_functions.items() if permission_of(view) is None and not _is_file(name)
    )


def _is_file(endpoint: str) -> bool:
    return endpoint.rpartition(".")[2] == "static"


def set_up(app: Flask) -> None:
    """Ask for permission before every request; called once, by the web and by the live application."""
    app.before_request(_enforce)


def _enforce() -> None:
    reject_nul.refuse()
    if request.endpoint is None or _is_file(request.endpoint):
        return  # no such address (Flask answers 404 or 405), or a file that everybody may have
    permission = permission_of(current_app.view_functions[request.endpoint])
    if permission is None:
        raise Forbidden(f"{request.endpoint} declares no permission")
    if permission.public:
        return
    if permission.player and (token := _player_token()):
        g.player_token = token
    elif permission.scope and (permission.role is None or "Authorization" in request.headers):
        _ask_key(permission.scope)
    elif permission.role:
        _ask_operator(permission.role)
    else:
        raise Unauthorized("a player's token is needed: ?token=TOKEN, signed by an app of this Laurel")


def _player_token() -> PlayerToken | None:
    text = request.args.get("token") or request.headers.get("X-Player-Token")
    return player_tokens.read(settings().secret_key, text) if text else None


def current_player() -> PlayerToken | None:
    """The player whose token this request carries; only behind `@allow(player=True)`."""
    token: PlayerToken | None = g.get("player_token")
    return token


def _ask_key(scope: str) -> None:
    key = presented_key(settings().database_url)
    if key is None:
        raise Unauthorized(
            "an API key is needed: Authorization: Bearer KEY", www_authenticate=WWWAuthenticate("bearer")
        )
    g.api_key = key
    if not key.may(scope):
        raise Forbidden(f"this key does not have the scope {scope}")


def _ask_operator(role: Role) -> None:
    operator = current_operator()
    if operator is None:
        raise Unauthorized("sign in first")
    if not Role(operator.role).covers(role):
        raise Forbidden(f"this needs the role {role}")


def settings() -> Settings:
    """The settings of the application that serves this request."""
    return settings_of(current_app)


def settings_of(app: Flask) -> Settings:
    """The settings of an application."""
    found: Settings = app.config["LAUREL"]
    return found


def current_key() -> ApiKey:
    """The key of this request; only behind `@allow(scope=…)`."""
    key: ApiKey = g.api_key
    return key


def current_operator() -> Operator | None:
    """Who is signed in, asked of the database once per request; None on public pages seen by a stranger."""
    if "operator" not in g:
        g.operator = _operator_of_cookie()
    operator: Operator | None = g.operator
    return operator


def actor() -> str:
    """How the audit log names whoever makes this request."""
    if "api_key" in g:
        return f"key:{current_key().name}"
    operator = current_operator()
    return operator.email if operator else "somebody"


def session_token() -> str | None:
    """The token of this browser's session."""
    return request.cookies.get(cookie_name())


def cookie_name() -> str:
    """The session cookie's name; browsers keep cookies per host, so the port keeps two Laurels apart."""
    return f"laurel_operator_{settings().port}"


def _operator_of_cookie() -> Operator | None:
    token = session_token()
    if not token:
        return None
    with connect(settings().database_url, autocommit=True) as conn:
        return sign_ins.operator_of_session(conn, token)


def hand_over(response: Response, token: str) -> None:
    """Give a browser the session that `sign_ins.open_session` has opened."""
    hours = sign_ins.SESSION_HOURS
    response.set_cookie(
        cookie_name(), token, max_age=hours * 3600, httponly=True, secure=request.is_secure, samesite="Lax", path="/"
    )


def take_back(response: Response) -> None:
    """Let a browser forget its session; `sign_ins.close_session` ends it."""
    response.delete_cookie(cookie_name(), httponly=True, secure=request.is_secure, samesite="Lax", path="/")
