"""Player tokens: an app signs who plays which game, a browser carries the token, nobody can change it.

A token is as good as the key that asked for it: once that is revoked, its tokens are, too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from flask import Flask
from itsdangerous import BadSignature, URLSafeTimedSerializer

from webapp.http.event_loop.loop_batcher import shared_batcher
from webapp.store.people import apps
from webapp.store.system.connection import connect

SALT = "laurel player"
HOURS = 24
_SECONDS = HOURS * 3600


@dataclass(frozen=True, slots=True)
class PlayerToken:
    """Who plays which game, for which app; `key_id` is the API key that vouched for it."""

    app_id: int
    player: str
    game: str
    key_id: int


def sign(secret_key: str, token: PlayerToken) -> str:
    """A token that is valid for a day."""
    return _serializer(secret_key).dumps([token.app_id, token.player, token.game, token.key_id])


def read_signed(secret_key: str, text: str) -> PlayerToken | None:
    """The content of a token; None where it was tampered with, has expired, or is no token.

    Whether its key is still live is for `read` and `read_on_loop` to look up.
    """
    try:
        app_id, player, game, key_id = _serializer(secret_key).loads(text, max_age=_SECONDS)
    except (BadSignature, ValueError, TypeError):
        return None
    return PlayerToken(app_id, player, game, key_id)


def read(secret_key: str, database_url: str, text: str) -> PlayerToken | None:
    """The content of a token whose key is live, else None."""
    token = read_signed(secret_key, text)
    return token if token is not None and _are_live(database_url, [token.key_id])[0] else None


async def read_on_loop(app: Flask, secret_key: str, database_url: str, text: str) -> PlayerToken | None:
    """The same on the event loop; tokens of the same moment are looked up together."""
    token = read_signed(secret_key, text)
    if token is None:
        return None
    batcher = shared_batcher(app.extensions, "laurel.loop_token_keys", partial(_are_live, database_url))
    return token if await batcher.submit(token.key_id) else None


def _are_live(database_url: str, key_ids: Sequence[int]) -> list[bool]:
    with connect(database_url, autocommit=True) as conn:
        live = apps.live_among(conn, set(key_ids))
    return [key_id in live for key_id in key_ids]


def _serializer(secret_key: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret_key, salt=SALT)
