"""Signatures of messages as the Standard Webhooks specification defines them, version 1 (HMAC-SHA-256)."""

import base64
import hashlib
import hmac

PREFIX = "whsec_"
KEY_BYTES = 32


def receiver_secret(secret_key: str, name: str) -> str:
    """The secret with which a receiver verifies messages, derived from the installation's own and the name."""
    return PREFIX + base64.b64encode(_key(secret_key, name)).decode()


def signature_headers(secret: str, message_id: str, at: int, body: bytes) -> dict[str, str]:
    """The headers of a signed body; `at` in seconds since 1970, so that a receiver can refuse old messages."""
    key, content = base64.b64decode(secret.removeprefix(PREFIX)), b"%s.%d.%s" % (message_id.encode(), at, body)
    digest = hmac.digest(key, content, "sha256")
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(at),
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }


def _key(secret_key: str, name: str) -> bytes:
    return hmac.new(secret_key.encode(), f"laurel webhook {name}".encode(), hashlib.sha256).digest()[:KEY_BYTES]
