"""Browsers in which an operator has signed in before: a signed cookie that lets nobody in.

It keeps such a browser apart from strangers who try passwords for the same account.
"""

from flask import Response, request
from itsdangerous import BadSignature, URLSafeSerializer

from webapp.http.access import is_secure, settings
from webapp.runtime.tokens import new_token

SALT = "laurel known device"
YEAR_SECONDS = 365 * 24 * 3600


def remember(response: Response, email: str) -> None:
    """Make this browser known for an account, which must have signed in just now."""
    value = _serializer().dumps([email, new_token()])
    response.set_cookie(
        settings().cookie_name("laurel_device"),
        value,
        max_age=YEAR_SECONDS,
        httponly=True,
        secure=is_secure(),
        samesite="Lax",
        path="/",
    )


def device_of(email: str) -> str | None:
    """A name of this browser if this account has signed in with it, else None."""
    value = request.cookies.get(settings().cookie_name("laurel_device"), "")
    try:
        known_email, device = _serializer().loads(value)
    except (BadSignature, ValueError, TypeError):
        return None
    return str(device) if known_email == email else None


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(settings().secret_key, salt=SALT)
