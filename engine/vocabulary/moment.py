"""Moments as text: microseconds since 1970 UTC in RFC 3339."""

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def rfc3339(moment: int) -> str:
    """Write a moment in UTC; fractions only where there are any."""
    return (EPOCH + timedelta(microseconds=moment)).isoformat().replace("+00:00", "Z")
