"""Player tokens: an app signs who plays which game, a browser carries the token, nobody can change it."""

from dataclasses import dataclass

from itsdangerous import BadSignature, URLSafeTimedSerializer

SALT = "laurel player"
HOURS = 24
_SECONDS = HOURS * 3600


@dataclass(frozen=True, slots=True)
class PlayerToken:
    """Who plays which game, for which app."""

    app_id: int
    player: str
    game: str


def sign(secret_key: str, token: PlayerToken) -> str:
    """A token that is valid for a day."""
    return URLSafeTimedSerializer(secret_key, salt=SALT).dumps([token.app_id, token.player, token.game])


def read(secret_key: str, text: str) -> PlayerToken | None:
    """The content of a token; None where it was tampered with, has expired, or is no token."""
    try:
        app_id, player, game = URLSafeTimedSerializer(secret_key, salt=SALT).loads(text, max_age=_SECONDS)
    except (BadSignature, ValueError, TypeError):
        return None
    return PlayerToken(app_id, player, game)
