"""The only module that reads the clock; ages and receipt times come from the database's clock instead."""

from datetime import UTC, datetime

MICROSECONDS = 1_000_000  # in a second


def now() -> datetime:
    """The current time, aware, in UTC."""
    return datetime.now(UTC)


def now_micros() -> int:
    """The current time as the engine counts it: microseconds since 1970 UTC."""
    return to_micros(now())


def to_micros(moment: datetime) -> int:
    """Convert an aware datetime to microseconds since 1970 UTC, exactly."""
    elapsed = moment.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return (elapsed.days * 86_400 + elapsed.seconds) * MICROSECONDS + elapsed.microseconds


def utc_text(moment: datetime) -> str:
    """The one form of times in answers: RFC 3339 in UTC, with `Z`."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def from_micros(micros: int) -> datetime:
    """The inverse of `to_micros`, in UTC."""
    seconds, rest = divmod(micros, MICROSECONDS)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest)
