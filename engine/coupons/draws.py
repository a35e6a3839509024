"""Draws that nobody can predict and everybody can check: HMAC-SHA-256 of a campaign's seed and a name.

The seed is secret while the campaign runs; its commitment is published at launch and the seed itself at the close, so
that every draw can be derived again. What is drawn for a name never changes.
"""

import hashlib
import hmac

SEED_BYTES = 32
DRAW_RANGE = 1 << 64
"""Draws are whole numbers from 0 to DRAW_RANGE − 1."""

_SEPARATOR = "\x1f"  # no part of a name may contain it, so that no two names read alike


def draw_number(seed: bytes, *name: str | int) -> int:
    """The draw for a name: the first eight bytes of HMAC-SHA-256(seed, name) as a whole number below DRAW_RANGE."""
    message = _SEPARATOR.join(map(str, name)).encode()
    return int.from_bytes(hmac.digest(seed, message, "sha256")[:8])


def commitment(seed: bytes) -> str:
    """What is published at launch: SHA-256 of the seed in hexadecimal. It reveals nothing about the seed."""
    return hashlib.sha256(seed).hexdigest()
