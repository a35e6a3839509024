"""Secrets of ours at rest: sealed with a key that is derived from the installation's own secret."""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken


class SealBroken(Exception):  # noqa: N818  (it names what is found)
    """What was sealed cannot be opened: it was changed, or LAUREL_SECRET_KEY is another one now."""


def _key(secret_key: str) -> Fernet:
    digest = hashlib.sha256(b"laurel sealing\0" + secret_key.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))


def seal(secret_key: str, secret: bytes) -> bytes:
    """Encrypt and sign a secret."""
    return _key(secret_key).encrypt(secret)


def unseal(secret_key: str, sealed: bytes) -> bytes:
    """Open what `seal` closed. Raises SealBroken."""
    try:
        return _key(secret_key).decrypt(sealed)
    except InvalidToken as error:
        raise SealBroken("the seed cannot be read: LAUREL_SECRET_KEY is not the one it was sealed with") from error
