"""Why a request may not call the API: what is wrong with its key or token, in words and in `WWW-Authenticate`."""

from dataclasses import dataclass

from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Unauthorized

from webapp.config import Settings
from webapp.http import player_tokens
from webapp.store.people import apps
from webapp.store.system.connection import connect

BEARER = "bearer"
KEY_REQUIRED = "API key required: Authorization: Bearer KEY"
REVOKED_KEY = "this API key was revoked"
UNKNOWN_KEY = "no such API key: it is not one of this installation, or it is mistyped"
NEEDS_A_KEY = "this is a player token, and player tokens do not open this: an API key is required"
INVALID_PLAYER = "this player token is not valid: it has expired, its key was revoked, or it was not made here"


@dataclass(frozen=True, slots=True)
class SentCredentials:
    """What a request has sent to identify itself; empty where it sent nothing."""

    authorization: str
    player_token: str

    @property
    def is_empty(self) -> bool:
        """Whether it sent nothing at all."""
        return not self.authorization and not self.player_token


class BearerChallenge(WWWAuthenticate):
    """`WWW-Authenticate: Bearer`, with the reason where credentials were sent (RFC 6750, section 3)."""

    def __init__(self, description: str = "") -> None:
        super().__init__(BEARER)
        self._description = description

    def to_header(self) -> str:
        """The header; its values are quoted."""
        if not self._description:
            return "Bearer"
        return f'Bearer error="invalid_token", error_description="{self._description}"'


def key_required(scheme: str = "") -> Unauthorized:
    """What a request without a key is told; `scheme` is the one it used instead."""
    detail = f"{KEY_REQUIRED}, not {scheme.title()}" if scheme else KEY_REQUIRED
    return Unauthorized(detail, www_authenticate=BearerChallenge())


def invalid_token(description: str) -> Unauthorized:
    """What a request is told whose key or token is no good."""
    return Unauthorized(description, www_authenticate=BearerChallenge(description))


def revoked_key() -> Unauthorized:
    """What a request is told whose key was revoked."""
    return invalid_token(REVOKED_KEY)


def refusal_of(settings: Settings, sent: SentCredentials, *, takes_player_token: bool) -> Unauthorized:
    """Why credentials by which no live key was found are refused. Asks the database."""
    scheme, _, secret = sent.authorization.partition(" ")
    secret = secret.strip()
    if scheme.lower() != BEARER or not secret:
        if sent.player_token:
            return invalid_token(INVALID_PLAYER if takes_player_token else NEEDS_A_KEY)
        return key_required("" if scheme.lower() == BEARER else scheme)
    if player_tokens.read_signed(settings.secret_key, secret) is not None:
        return invalid_token(NEEDS_A_KEY)
    with connect(settings.database_url, autocommit=True) as conn:
        return invalid_token(REVOKED_KEY if apps.was_revoked(conn, secret) else UNKNOWN_KEY)
