"""Encryption of our own secrets at rest, with a key derived from the installation's secret key."""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken


class UndecryptableSecret(Exception):  # noqa: N818  (it names the secret)
    """The ciphertext cannot be decrypted: it was altered, or LAUREL_SECRET_KEY has changed."""


def _cipher(secret_key: str) -> Fernet:
    digest = hashlib.sha256(b"laurel sealing\0" + secret_key.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))


def encrypt(secret_key: str, secret: bytes) -> bytes:
    """Encrypt and sign a secret."""
    return _cipher(secret_key).encrypt(secret)


def decrypt(secret_key: str, ciphertext: bytes) -> bytes:
    """Decrypt what `encrypt` returned. Raises UndecryptableSecret."""
    try:
        return _cipher(secret_key).decrypt(ciphertext)
    except InvalidToken as error:
        raise UndecryptableSecret(
            "the seed cannot be decrypted: LAUREL_SECRET_KEY is not the key it was encrypted with"
        ) from error
