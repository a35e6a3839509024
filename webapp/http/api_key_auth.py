"""Authentication by API key: concurrent requests share a look-up; a revoked key fails from the next request on."""

from collections.abc import Sequence
from functools import partial

from flask import current_app, request

from webapp.http.event_loop.loop_batcher import in_thread, shared_batcher
from webapp.http.event_loop.messages import LoopRequest
from webapp.http.known_keys import KnownKeys
from webapp.http.request_batcher import RequestBatcher
from webapp.store.people import apps
from webapp.store.people.apps import ApiKey
from webapp.store.system.connection import connect


def authenticated_key(database_url: str) -> ApiKey | None:
    """The live key of `Authorization: Bearer KEY`, its use recorded; None where there is none."""
    secret = _bearer_secret(request.headers.get("Authorization", ""))
    if not secret:
        return None
    key = _key_batcher(database_url).submit(secret)
    if key is not None and apps.is_use_due(key):
        _note_use(database_url, key)
    return key


async def key_of_request(request: LoopRequest) -> ApiKey | None:
    """The same for a request on the event loop."""
    secret = _bearer_secret(request.headers.get("authorization", ""))
    if not secret:
        return None
    database_url = request.settings.database_url
    batcher = shared_batcher(request.app.extensions, "laurel.loop_keys", partial(_look_up_keys, database_url))
    key = await batcher.submit(secret)
    _known_keys(request).remember(secret, key)
    if key is not None and apps.is_use_due(key):
        await in_thread(_note_use, database_url, key)
    return key


def known_key_of_request(request: LoopRequest) -> ApiKey | None:
    """The key as an earlier request met it, which may have been revoked since; None where there is none."""
    secret = _bearer_secret(request.headers.get("authorization", ""))
    return _known_keys(request).recall(secret) if secret else None


def _known_keys(request: LoopRequest) -> KnownKeys:
    known: KnownKeys = request.app.extensions.setdefault("laurel.known_keys", KnownKeys())
    return known


def _bearer_secret(authorization: str) -> str:
    scheme, _, secret = authorization.partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else ""


def _note_use(database_url: str, key: ApiKey) -> None:
    with connect(database_url, autocommit=True) as conn:
        apps.note_use(conn, key.id)


def _key_batcher(database_url: str) -> RequestBatcher[str, ApiKey | None]:
    fresh = RequestBatcher(partial(_look_up_keys, database_url))
    batcher: RequestBatcher[str, ApiKey | None] = current_app.extensions.setdefault("laurel.keys", fresh)
    return batcher


def _look_up_keys(database_url: str, secrets: Sequence[str]) -> list[ApiKey | None]:
    with connect(database_url, autocommit=True) as conn:
        keys = apps.keys_of_secrets(conn, set(secrets))
    return [keys.get(secret) for secret in secrets]
