"""Who may do what: every route declares its permission, and a route that declares none is forbidden."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Any, TypeVar

from flask import Flask, Response, current_app, g, request
from werkzeug.exceptions import Forbidden, Unauthorized

from webapp.config import Settings
from webapp.http import player_tokens
from webapp.http.api_key_auth import authenticated_key
from webapp.http.own_urls import reject_foreign_host
from webapp.http.player_tokens import PlayerToken
from webapp.http.refused_credentials import SentCredentials, refusal_of
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


class Credential(Enum):
    """By what a request shows that it may call a route."""

    NONE = "none"
    PLAYER_TOKEN = "token"  # noqa: S105  (no password)
    API_KEY = "API key"
    SESSION = "session"


def required_credential(
    permission: Permission | None, endpoint: str, *, has_player_token: bool, has_authorization: bool
) -> Credential:
    """What a request must show to call a route: of several possibilities, the one it brought.

    Raises Forbidden for a route that declares no permission, Unauthorized where nothing that it brought can do.
    """
    if permission is None:
        raise Forbidden(f"{endpoint} declares no permission")
    if permission.public:
        return Credential.NONE
    if permission.player and has_player_token:
        return Credential.PLAYER_TOKEN
    if permission.scope and (permission.role is None or has_authorization):
        return Credential.API_KEY
    if permission.role:
        return Credential.SESSION
    raise Unauthorized("player token required: ?token=TOKEN, signed by one of this installation's apps")


def check_key(key: ApiKey, permission: Permission) -> ApiKey:
    """The key itself. Raises Forbidden where it lacks the scope."""
    assert permission.scope is not None
    if not key.may(permission.scope):
        raise Forbidden(f"this API key lacks the scope {permission.scope}")
    return key


def check_operator(operator: Operator | None, permission: Permission) -> None:
    """Raises Unauthorized where nobody is signed in, Forbidden where the operator's role does not suffice."""
    if operator is None:
        raise Unauthorized("sign in first")
    assert permission.role is not None
    if not Role(operator.role).covers(permission.role):
        raise Forbidden(f"this requires the role {permission.role}")


def set_up(app: Flask) -> None:
    """Check permissions before every request that Flask serves; `loop_access` does so for those on the event loop."""
    app.before_request(_enforce_permission)


def _enforce_permission() -> None:
    reject_nul()
    reject_foreign_host(settings(), request.headers.get("Host", ""), request.path)
    if request.endpoint is None or _is_static(request.endpoint):
        return  # no such endpoint (Flask answers 404 or 405), or a static file, which is public
    if request.method == "OPTIONS" and getattr(request.url_rule, "provide_automatic_options", False):
        return  # Flask answers with the methods of the route, which are no secret
    permission = permission_of(current_app.view_functions[request.endpoint])
    token = _player_token() if permission is not None and permission.player else None
    credential = required_credential(
        permission,
        request.endpoint,
        has_player_token=token is not None,
        has_authorization="Authorization" in request.headers,
    )
    assert permission is not None
    if credential is Credential.PLAYER_TOKEN:
        g.player_token = token
    elif credential is Credential.API_KEY:
        g.api_key = check_key(_live_key(permission), permission)
    elif credential is Credential.SESSION:
        check_operator(current_operator(), permission)


def _live_key(permission: Permission) -> ApiKey:
    """The key of this request. Raises Unauthorized, with the reason, where it has no live one."""
    key = authenticated_key(settings().database_url)
    if key is None:
        sent = SentCredentials(request.headers.get("Authorization", ""), _player_token_text())
        raise refusal_of(settings(), sent, takes_player_token=permission.player)
    return key


def _player_token_text() -> str:
    return request.args.get("token") or request.headers.get("X-Player-Token", "")


def _player_token() -> PlayerToken | None:
    text = _player_token_text()
    return player_tokens.read(settings().secret_key, settings().database_url, text) if text else None


def current_player() -> PlayerToken | None:
    """The player whose token this request carries; set only behind `@allow(player=True)`."""
    token: PlayerToken | None = g.get("player_token")
    return token


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
    """The session cookie's name."""
    return session_cookie_name(settings())


def session_cookie_name(settings: Settings) -> str:
    """The same, of an installation with these settings."""
    return settings.cookie_name("laurel_operator")


def is_secure() -> bool:
    """Whether cookies of this response may go over TLS only."""
    return settings().is_https or request.is_secure


def _signed_in_operator() -> Operator | None:
    token = session_token()
    return operator_of_session(settings().database_url, token) if token else None


def operator_of_session(database_url: str, token: str) -> Operator | None:
    """The operator whose browser carries this session token; None where it has ended, or never was."""
    with connect(database_url, autocommit=True) as conn:
        return sign_ins.operator_of_session(conn, token)


def set_session_cookie(response: Response, token: str) -> None:
    """Set the cookie of a session that `sign_ins.open_session` has opened."""
    hours = sign_ins.SESSION_HOURS
    response.set_cookie(
        cookie_name(), token, max_age=hours * 3600, httponly=True, secure=is_secure(), samesite="Lax", path="/"
    )


def clear_session_cookie(response: Response) -> None:
    """Delete the session cookie; `sign_ins.close_session` ends the session itself."""
    response.delete_cookie(cookie_name(), httponly=True, secure=is_secure(), samesite="Lax", path="/")
