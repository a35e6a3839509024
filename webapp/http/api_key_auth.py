"""The API key that a request presents; requests of one moment share one look, and a revoked key is seen by the next."""

from collections.abc import Sequence
from functools import partial

from flask import current_app, request

from webapp.http.request_batcher import Gathering
from webapp.store.people import apps
from webapp.store.people.apps import ApiKey
from webapp.store.system.connection import connect


def presented_key(database_url: str) -> ApiKey | None:
    """The live key of `Authorization: Bearer KEY`, its use noted; None where there is none."""
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret:
        return None
    key = _keys(database_url).ask(secret.strip())
    if key is not None and apps.is_use_due(key):
        with connect(database_url, autocommit=True) as conn:
            apps.note_use(conn, key.id)
    return key


def _keys(database_url: str) -> Gathering[str, ApiKey | None]:
    made = Gathering(partial(_keys_of, database_url))
    found: Gathering[str, ApiKey | None] = current_app.extensions.setdefault("laurel.keys", made)
    return found


def _keys_of(database_url: str, secrets: Sequence[str]) -> list[ApiKey | None]:
    with connect(database_url, autocommit=True) as conn:
        found = apps.keys_of_secrets(conn, set(secrets))
    return [found.get(secret) for secret in secrets]
