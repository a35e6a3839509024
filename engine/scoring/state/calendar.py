"""Moments as people live them: calendar days in a zone, ISO weeks, months.

A moment is an `int` of microseconds since 1970 UTC. A day is an `int` of calendar days since 1970-01-01 in
some zone, so that a day of 23 or 25 hours is just a day. Every period has an ordinal that grows by one.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache

SECOND = 1_000_000
HOUR = 3600 * SECOND
DAY_SECONDS = 86_400
DAY = DAY_SECONDS * SECOND
_EPOCH = date(1970, 1, 1).toordinal()
_MONDAY_SHIFT = 3  # 1970-01-01 was a Thursday
_ZONE_STEP_SECONDS = 15 * 60  # offsets of zones are multiples of a quarter of an hour


# The calendar is asked again and again: several times about the moment of one entry, for weeks about the same days.
MOMENTS_REMEMBERED = 1_000
DAYS_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class LocalTime:
    """A moment on a wall clock: the day's number, the hour 0–23, the weekday 1–7 from Monday, the month's ordinal."""

    day: int
    hour: int
    weekday: int
    month: int
    date: str


@lru_cache(MOMENTS_REMEMBERED)
def local_time(moment: int, zone: tzinfo) -> LocalTime:
    """Read a moment in a zone."""
    try:
        at = datetime.fromtimestamp(moment // SECOND, zone)
    except (OverflowError, ValueError):  # at the ends of the calendar, a zone's offset may lead beyond it
        at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=moment // SECOND)
    day = at.toordinal() - _EPOCH
    return LocalTime(day, at.hour, at.isoweekday(), at.year * 12 + at.month - 1, at.date().isoformat())


def week_of(day: int) -> int:
    """The ordinal of the ISO week that contains a day."""
    return (day + _MONDAY_SHIFT) // 7


@lru_cache(DAYS_REMEMBERED)
def month_of(day: int) -> int:
    """The ordinal of the month that contains a day: year × 12 + month − 1."""
    at = date.fromordinal(day + _EPOCH)
    return at.year * 12 + at.month - 1


def week_days(day: int) -> tuple[int, int]:
    """The first and last day of the ISO week that contains a day."""
    first = week_of(day) * 7 - _MONDAY_SHIFT
    return first, first + 6


@lru_cache(DAYS_REMEMBERED)
def month_days(day: int) -> tuple[int, int]:
    """The first and last day of the month that contains a day."""
    month = month_of(day)
    return first_day(month, "month"), first_day(month + 1, "month") - 1


def period_ordinal(day: int, every: str) -> int:
    """The ordinal of the day, week or month that contains a day; 0 for anything without periods."""
    if every == "day":
        return day
    if every == "week":
        return week_of(day)
    return month_of(day) if every == "month" else 0


def first_day(period: int, every: str) -> int:
    """The first day of a period given by its ordinal."""
    if every == "day":
        return period
    if every == "week":
        return period * 7 - _MONDAY_SHIFT
    return date(period // 12, period % 12 + 1, 1).toordinal() - _EPOCH


@lru_cache(DAYS_REMEMBERED)
def period_id(period: int, every: str) -> str:
    """The name of a period: `2026-11-20`, `2026-W47`, `2026-11`, or `all`."""
    if every not in {"day", "week", "month"}:
        return "all"
    at = date.fromordinal(first_day(period, every) + _EPOCH)
    if every == "week":
        year, week, _ = at.isocalendar()
        return f"{year}-W{week:02}"
    return at.isoformat() if every == "day" else f"{at.year}-{at.month:02}"


def parse_period_id(name: str, every: str) -> int | None:
    """The inverse of `period_id`; None if the name is no such period, or lies in the first or last year there is."""
    try:
        period = _parse_period(name, every)
    except ValueError:
        return None
    # Only the canonical spelling counts, so that every period has one address.
    return period if "0002" <= name < "9999" and period_id(period, every) == name else None


def _parse_period(name: str, every: str) -> int:
    if every == "week":
        year, _, week = name.partition("-W")
        return week_of(date.fromisocalendar(int(year), int(week), 1).toordinal() - _EPOCH)
    return period_ordinal(day_of_date(f"{name}-01" if every == "month" else name), every)


@lru_cache(DAYS_REMEMBERED)
def day_starts_at(day: int, zone: tzinfo) -> int:
    """The moment at which a day begins in a zone: its first existing instant, even where midnight is skipped."""
    at = date.fromordinal(day + _EPOCH)
    midnight = datetime(at.year, at.month, at.day, tzinfo=zone)
    seconds = int(midnight.astimezone(UTC).timestamp())
    while datetime.fromtimestamp(seconds, zone).date() < at:
        seconds += _ZONE_STEP_SECONDS
    return seconds * SECOND


def day_of_date(text: str) -> int:
    """The number of a day written as a date."""
    return date.fromisoformat(text).toordinal() - _EPOCH


def date_of_day(day: int) -> str:
    """A day's number written as a date."""
    return date.fromordinal(day + _EPOCH).isoformat()
