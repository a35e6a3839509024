"""Authentication by API key: concurrent requests share a look-up; a revoked key fails from the next request on."""

from collections.abc import Sequence
from functools import partial

from flask import current_app, request

from webapp.http.request_batcher import RequestBatcher
from webapp.store.people import apps
from webapp.store.people.apps import ApiKey
from webapp.store.system.connection import connect


def authenticated_key(database_url: str) -> ApiKey | None:
    """The live key of `Authorization: Bearer KEY`, its use recorded; None where there is none."""
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret:
        return None
    key = _key_batcher(database_url).submit(secret.strip())
    if key is not None and apps.is_use_due(key):
        with connect(database_url, autocommit=True) as conn:
            apps.note_use(conn, key.id)
    return key


def _key_batcher(database_url: str) -> RequestBatcher[str, ApiKey | None]:
    fresh = RequestBatcher(partial(_look_up_keys, database_url))
    batcher: RequestBatcher[str, ApiKey | None] = current_app.extensions.setdefault("laurel.keys", fresh)
    return batcher


def _look_up_keys(database_url: str, secrets: Sequence[str]) -> list[ApiKey | None]:
    with connect(database_url, autocommit=True) as conn:
        keys = apps.keys_of_secrets(conn, set(secrets))
    return [keys.get(secret) for secret in secrets]
