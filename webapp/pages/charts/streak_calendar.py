"""Twelve weeks of days as squares, a column a week: how active a player was, and which days were frozen."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

WEEKS, STEP = 12, 23
LEFT, TOP = 32, 2
SQUARE, RADIUS = 19, 4
WIDTH, HEIGHT = 308, 178
NAMED_WEEKDAYS = (("Mon", 0), ("Wed", 2), ("Fri", 4), ("Sun", 6))
TEXT_DROP = 14
"""From the top of a square to the baseline of the text beside it."""


@dataclass(frozen=True, slots=True)
class DaySquare:
    """One day; `kind` is its CSS class."""

    kind: str
    x: int
    y: int
    title: str


@dataclass(frozen=True, slots=True)
class CalendarLabel:
    """The name of a weekday beside its row, or of a month under its first week."""

    x: int
    y: int
    text: str


@dataclass(frozen=True, slots=True)
class StreakCalendar:
    """Twelve weeks of days, Monday on top; `label` says the same in words."""

    width: int
    height: int
    square_size: int
    square_radius: int
    label: str
    squares: tuple[DaySquare, ...]
    labels: tuple[CalendarLabel, ...]


def streak_calendar(counts: Mapping[date, int], today: date, frozen: frozenset[date] = frozenset()) -> StreakCalendar:
    """The twelve weeks that end with `today`; the shade of a day is its share of the busiest day."""
    first_monday = today - timedelta(days=today.weekday(), weeks=WEEKS - 1)
    days = [first_monday + timedelta(days=offset) for offset in range((today - first_monday).days + 1)]
    busiest = max([counts.get(day, 0) for day in days] + [1])
    squares = [_square(day, first_monday, _kind(counts.get(day, 0), busiest, is_frozen=day in frozen)) for day in days]
    squares.append(_square(today, first_monday, "d-today"))
    active_days = sum(1 for day in days if counts.get(day, 0))
    frozen_days = sum(1 for day in days if day in frozen)
    weekdays = tuple(CalendarLabel(0, TOP + row * STEP + TEXT_DROP, name) for name, row in NAMED_WEEKDAYS)
    return StreakCalendar(
        WIDTH,
        HEIGHT,
        SQUARE,
        RADIUS,
        label=f"Last twelve weeks: {active_days} active days, {frozen_days} frozen",
        squares=tuple(squares),
        labels=(*weekdays, *_month_labels(first_monday)),
    )


def _kind(count: int, busiest: int, *, is_frozen: bool) -> str:
    if count == 0:
        return "d-freeze" if is_frozen else "d0"
    return f"d{1 + min(2, 3 * (count - 1) // busiest)}"


def _square(day: date, first_monday: date, kind: str) -> DaySquare:
    week, weekday = divmod((day - first_monday).days, 7)
    return DaySquare(kind, LEFT + week * STEP, TOP + weekday * STEP, f"{day:%-d %B}")


def _month_labels(first_monday: date) -> tuple[CalendarLabel, ...]:
    """Each month under the first of its weeks; the first month only where its name has room for two weeks."""
    mondays = [first_monday + timedelta(weeks=week) for week in range(WEEKS)]
    weeks = [0] if mondays[1].month == first_monday.month else []
    weeks += [week for week, (before, after) in enumerate(pairwise(mondays), start=1) if before.month != after.month]
    return tuple(CalendarLabel(LEFT + week * STEP, HEIGHT - 2, f"{mondays[week]:%b}") for week in weeks)
