"""Bearer tokens: 256 bits of chance for whoever carries one, a hash for us to keep."""

import secrets
from hashlib import sha256

TOKEN_BYTES = 32


def fresh_token() -> str:
    """A new token, 43 url-safe characters."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def hash_of(token: str) -> bytes:
    """What is kept of a token: with 256 bits of chance nothing slower than SHA-256 is needed."""
    return sha256(token.encode("utf-8", "surrogateescape")).digest()
