"""Who may do what: every route declares its permission, and a route that declares none is forbidden."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from flask import Flask, Response, current_app, g, request
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Forbidden, Unauthorized

from webapp.config import Settings
from webapp.http import player_tokens
from webapp.http.api_key_auth import authenticated_key
from webapp.http.player_tokens import PlayerToken
from webapp.http.reject_nul import reject_nul
from webapp.store.people import sign_ins
from webapp.store.people.apps import SCOPES, ApiKey
from webapp.store.people.operators import Operator
from webapp.store.system.connection import connect

View = TypeVar("View", bound=Callable[..., Any])


class Role(StrEnum):
    """What an operator may do; each role includes the ones before it."""

    VIEWER = "viewer"
    AUTHOR = "author"
    PUBLISHER = "publisher"
    ADMIN = "admin"

    def covers(self, other: "Role") -> bool:
        """Whether this role includes the other."""
        ranks = list(Role)
        return ranks.index(self) >= ranks.index(other)


@dataclass(frozen=True, slots=True)
class Permission:
    """What a route requires: a key's scope, an operator's role, a player token, any of these, or nothing."""

    scope: str | None = None
    role: Role | None = None
    player: bool = False
    public: bool = False


def allow(
    *, scope: str | None = None, role: Role | None = None, player: bool = False, public: bool = False
) -> Callable[[View], View]:
    """Declare who may call a route; goes below the route's own decorator."""
    assert (scope is not None or role is not None or player) != public, (
        "a route is either public or names who may call it"
    )
    assert scope is None or scope in SCOPES, scope

    def declare(view: View) -> View:
        # An attribute on a function, of which mypy knows nothing.
        view.__permission__ = Permission(scope, role, player, public)  # type: ignore[attr-defined]
        return view

    return declare


def permission_of(view: Callable[..., Any]) -> Permission | None:
    """The permission that a view function declares; None where it declares none."""
    permission: Permission | None = getattr(view, "__permission__", None)
    return permission


def endpoints_without_permission(app: Flask) -> list[str]:
    """Endpoints that nobody may call because they declare no permission; a test requires that there are none."""
    return sorted(
        name for name, view in app.view_functions.items() if permission_of(view) is None and not _is_static(name)
    )


def _is_static(endpoint: str) -> bool:
    return endpoint.rpartition(".")[2] == "static"


def set_up(app: Flask) -> None:
    """Check permissions before every request; called once, by the web and by the live application."""
    app.before_request(_enforce_permission)


def _enforce_permission() -> None:
    reject_nul()
    if request.endpoint is None or _is_static(request.endpoint):
        return  # no such endpoint (Flask answers 404 or 405), or a static file, which is public
    permission = permission_of(current_app.view_functions[request.endpoint])
    if permission is None:
        raise Forbidden(f"{request.endpoint} declares no permission")
    if permission.public:
        return
    if permission.player and (token := _player_token()):
        g.player_token = token
    elif permission.scope and (permission.role is None or "Authorization" in request.headers):
        _require_key(permission.scope)
    elif permission.role:
        _require_operator(permission.role)
    else:
        raise Unauthorized("player token required: ?token=TOKEN, signed by one of this installation's apps")


def _player_token() -> PlayerToken | None:
    text = request.args.get("token") or request.headers.get("X-Player-Token")
    return player_tokens.read(settings().secret_key, text) if text else None


def current_player() -> PlayerToken | None:
    """The player whose token this request carries; set only behind `@allow(player=True)`."""
    token: PlayerToken | None = g.get("player_token")
    return token


def _require_key(scope: str) -> None:
    key = authenticated_key(settings().database_url)
    if key is None:
        raise Unauthorized("API key required: Authorization: Bearer KEY", www_authenticate=WWWAuthenticate("bearer"))
    g.api_key = key
    if not key.may(scope):
        raise Forbidden(f"this API key lacks the scope {scope}")


def _require_operator(role: Role) -> None:
    operator = current_operator()
    if operator is None:
        raise Unauthorized("sign in first")
    if not Role(operator.role).covers(role):
        raise Forbidden(f"this requires the role {role}")


def settings() -> Settings:
    """The settings of the current application."""
    return settings_of(current_app)


def settings_of(app: Flask) -> Settings:
    """The settings of an application."""
    settings: Settings = app.config["LAUREL"]
    return settings


def current_key() -> ApiKey:
    """The API key of this request; set only behind `@allow(scope=…)`."""
    key: ApiKey = g.api_key
    return key


def current_operator() -> Operator | None:
    """The signed-in operator, looked up once per request; None where nobody is signed in."""
    if "operator" not in g:
        g.operator = _signed_in_operator()
    operator: Operator | None = g.operator
    return operator


def actor() -> str:
    """The name under which the audit log records whoever makes this request."""
    if "api_key" in g:
        return f"key:{current_key().name}"
    operator = current_operator()
    return operator.email if operator else "somebody"


def session_token() -> str | None:
    """The session token in this browser's cookie."""
    return request.cookies.get(cookie_name())


def cookie_name() -> str:
    """The session cookie's name; cookies are per host, so the port keeps two installations on one host apart."""
    return f"laurel_operator_{settings().port}"


def _signed_in_operator() -> Operator | None:
    token = session_token()
    if not token:
        return None
    with connect(settings().database_url, autocommit=True) as conn:
        return sign_ins.operator_of_session(conn, token)


def set_session_cookie(response: Response, token: str) -> None:
    """Set the cookie of a session that `sign_ins.open_session` has opened."""
    hours = sign_ins.SESSION_HOURS
    response.set_cookie(
        cookie_name(), token, max_age=hours * 3600, httponly=True, secure=request.is_secure, samesite="Lax", path="/"
    )


def clear_session_cookie(response: Response) -> None:
    """Delete the session cookie; `sign_ins.close_session` ends the session itself."""
    response.delete_cookie(cookie_name(), httponly=True, secure=request.is_secure, samesite="Lax", path="/")
