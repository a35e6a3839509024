"""Signatures of messages as the Standard Webhooks specification has them, version 1 (HMAC-SHA-256)."""

import base64
import hashlib
import hmac

PREFIX = "whsec_"
KEY_BYTES = 32


def secret_of(secret_key: str, name: str) -> str:
    """The secret that a receiver checks messages with; it follows from the installation's own and the name."""
    return PREFIX + base64.b64encode(_key(secret_key, name)).decode()


def headers(secret: str, message_id: str, at: int, body: bytes) -> dict[str, str]:
    """What is sent beside a body; `at` in seconds since 1970, so that a receiver can refuse what is old."""
    key, content = base64.b64decode(secret.removeprefix(PREFIX)), b"%s.%d.%s" % (message_id.encode(), at, body)
    signed = hmac.digest(key, content, "sha256")
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(at),
        "webhook-signature": f"v1,{base64.b64encode(signed).decode()}",
    }


def _key(secret_key: str, name: str) -> bytes:
    return hmac.new(secret_key.encode(), f"laurel webhook {name}".encode(), hashlib.sha256).digest()[:KEY_BYTES]
