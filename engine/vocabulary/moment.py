"""Moments as text: microseconds since 1970 UTC in RFC 3339, or as a reader is used to."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

Moments = Callable[[int], str]
"""Writes a moment, in microseconds since 1970 UTC, for a reader."""


def rfc3339(moment: int) -> str:
    """Write a moment in UTC; fractions only where there are any."""
    return (EPOCH + timedelta(microseconds=moment)).isoformat().replace("+00:00", "Z")


def micros_of(text: str | None) -> int | None:
    """An RFC 3339 moment in microseconds since 1970 UTC; None for None."""
    return None if text is None else (datetime.fromisoformat(text) - EPOCH) // _MICROSECOND
