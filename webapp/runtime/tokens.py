"""Bearer tokens: 256 random bits for the bearer, a hash for us to store."""

import secrets
from hashlib import sha256

TOKEN_BYTES = 32


def new_token() -> str:
    """A new token, 43 url-safe characters."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def token_hash(token: str) -> bytes:
    """What is stored of a token: with 256 random bits, nothing slower than SHA-256 is needed."""
    return sha256(token.encode("utf-8", "surrogateescape")).digest()
