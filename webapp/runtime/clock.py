"""The one place that reads the clock; ages and receipt times come from the database instead."""

from datetime import UTC, datetime

MICROSECONDS = 1_000_000


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


def now_micros() -> int:
    """The present moment as the engine counts it: microseconds since 1970 UTC."""
    return to_micros(now())


def to_micros(moment: datetime) -> int:
    """Turn an aware moment into whole microseconds since 1970 UTC, exactly."""
    since = moment.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * MICROSECONDS + since.microseconds


def from_micros(micros: int) -> datetime:
    """The inverse of `to_micros`, in UTC."""
    seconds, rest = divmod(micros, MICROSECONDS)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest)
