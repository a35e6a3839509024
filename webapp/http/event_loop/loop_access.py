"""Permissions of the routes on the event loop: the same declarations, and the same default of refusing."""

from webapp.http import player_tokens
from webapp.http.access import (
    Credential,
    Permission,
    check_key,
    check_operator,
    operator_of_session,
    required_credential,
    session_cookie_name,
)
from webapp.http.api_key_auth import key_of_request, known_key_of_request
from webapp.http.event_loop.loop_batcher import in_thread
from webapp.http.event_loop.messages import LoopRequest
from webapp.http.own_urls import reject_foreign_host
from webapp.http.player_tokens import PlayerToken
from webapp.http.refused_credentials import SentCredentials, key_required, refusal_of
from webapp.http.reject_nul import reject_nul_in
from webapp.store.people.apps import ApiKey
from webapp.store.people.operators import Operator


async def admit(
    request: LoopRequest, permission: Permission | None, endpoint: str, *, checks_key_late: bool = False
) -> None:
    """Let a request pass that may call a route, with its `key` or `player` set.

    A route that checks keys late gets one that is known; `check_unchecked_key` completes that. Raises
    MisdirectedRequest, BadRequest for NUL in the URL, Unauthorized and Forbidden like Flask's routes.
    """
    reject_foreign_host(request.settings, request.headers.get("host", ""), request.path)
    reject_nul_in((*request.arguments.values(), *request.query, *request.query.values()))
    token = await _player_token(request) if permission is not None and permission.player else None
    credential = required_credential(
        permission, endpoint, has_player_token=token is not None, has_authorization="authorization" in request.headers
    )
    assert permission is not None
    if credential is Credential.PLAYER_TOKEN:
        request.player = token
    elif credential is Credential.API_KEY:
        known = known_key_of_request(request) if checks_key_late else None
        request.is_key_unchecked = known is not None
        request.key = check_key(known or await _live_key(request, permission), permission)
    elif credential is Credential.SESSION:
        check_operator(await _operator(request), permission)


async def check_unchecked_key(request: LoopRequest, permission: Permission) -> None:
    """Look up the key of a request that has only been known so far. Raises Unauthorized and Forbidden like `admit`."""
    if request.is_key_unchecked:
        request.is_key_unchecked, request.key = False, None
        request.key = check_key(await _live_key(request, permission), permission)


async def _live_key(request: LoopRequest, permission: Permission) -> ApiKey:
    key = await key_of_request(request)
    if key is None:
        sent = SentCredentials(request.headers.get("authorization", ""), _player_token_text(request))
        if sent.is_empty:
            raise key_required()
        raise await in_thread(refusal_of, request.settings, sent, takes_player_token=permission.player)
    return key


def _player_token_text(request: LoopRequest) -> str:
    return request.query.get("token") or request.headers.get("x-player-token", "")


async def _player_token(request: LoopRequest) -> PlayerToken | None:
    text = _player_token_text(request)
    if not text:
        return None
    return await player_tokens.read_on_loop(
        request.app, request.settings.secret_key, request.settings.database_url, text
    )


async def _operator(request: LoopRequest) -> Operator | None:
    token = request.cookies.get(session_cookie_name(request.settings))
    return await in_thread(operator_of_session, request.settings.database_url, token) if token else None
