"""Days, weeks and months of a zone, and what rules read of the clock: always the player's own."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.scoring.state.calendar import (
    DAY,
    DAY_SECONDS,
    SECOND,
    date_of_day,
    day_starts_at,
    first_day,
    local_time,
    month_days,
    parse_period_id,
    period_id,
    period_ordinal,
    week_days,
)
from tests.builders import ZONES, ada, apply, make_book, make_entry
from tests.engine.scoring.world import earning

NAMES = st.sampled_from(sorted(ZONES))
MOMENTS = st.integers(0, 80 * 365 * DAY)
DAYS = st.integers(0, 80 * 365)
EVERY = st.sampled_from(["day", "week", "month"])


@given(MOMENTS, NAMES)
def test_a_moment_lies_within_exactly_one_day(moment: int, zone: str) -> None:
    day = local_time(moment, ZONES[zone]).day
    assert day_starts_at(day, ZONES[zone]) <= moment < day_starts_at(day + 1, ZONES[zone])


@given(MOMENTS, NAMES)
def test_local_time_reads_like_a_calendar(moment: int, zone: str) -> None:
    local, expected = (
        local_time(moment, ZONES[zone]),
        datetime.fromtimestamp(moment // SECOND, UTC).astimezone(ZONES[zone]),
    )
    assert (local.date, local.hour, local.weekday) == (
        expected.date().isoformat(),
        expected.hour,
        expected.isoweekday(),
    )
    assert local.date == date_of_day(local.day)


@given(DAYS, EVERY)
def test_periods_follow_each_other_without_a_gap_and_are_named_after_themselves(day: int, every: str) -> None:
    period = period_ordinal(day, every)
    assert first_day(period, every) <= day < first_day(period + 1, every)
    assert parse_period_id(period_id(period, every), every) == period


@given(DAYS)
def test_weeks_begin_on_monday_and_months_on_their_first(day: int) -> None:
    (monday, sunday), (first, last) = week_days(day), month_days(day)
    assert date.fromisoformat(date_of_day(monday)).isocalendar()[2] == 1
    assert (sunday - monday, date_of_day(first)[-2:], date_of_day(last + 1)[-2:]) == (6, "01", "01")


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/London", "2026-03-29", 23),
        ("Europe/London", "2026-10-25", 25),
        ("Australia/Lord_Howe", "2026-04-05", 24.5),
        ("America/Sao_Paulo", "2018-11-04", 23),  # midnight itself was skipped
        ("Pacific/Apia", "2011-12-29", 24),  # the next day never was
        ("UTC", "2026-03-29", 24),
    ],
)
def test_a_day_is_as_long_as_its_zone_makes_it(zone: str, day: str, hours: float) -> None:
    number = (date.fromisoformat(day) - date(1970, 1, 1)).days
    length = day_starts_at(number + 1, ZONES[zone]) - day_starts_at(number, ZONES[zone])
    assert length == hours * DAY_SECONDS * SECOND // 24


AT_CHRISTMAS = "2026-12-25T23:30:00Z"  # a Friday in UTC


@pytest.mark.parametrize(
    ("zone", "date", "weekday", "hour"),
    [
        (None, "2026-12-25", 5, 23),
        ("Asia/Tokyo", "2026-12-26", 6, 8),
        ("Asia/Kolkata", "2026-12-26", 6, 5),
        ("America/New_York", "2026-12-25", 5, 18),
    ],
)
def test_time_facts_are_the_local_time_of_the_player_at_the_event(
    zone: str | None, date: str, weekday: int, hour: int
) -> None:
    expected: dict[str, Any] = {"date": date, "weekday": weekday, "hour": hour}
    rules = [earning(name, 1, condition={"==": [{"var": f"time.{name}"}, value]}) for name, value in expected.items()]
    outcome = apply(ada(), [make_entry("visit", AT_CHRISTMAS, timezone=zone)], make_book(rules))[0]
    assert {line.rule for line in outcome.ledger} == set(expected)


def test_sunday_is_the_seventh_day() -> None:
    book = make_book([earning("sunday", 1, condition={"==": [{"var": "time.weekday"}, 7]})])
    days = [make_entry("visit", f"2026-11-{day}") for day in range(16, 23)]
    assert [len(outcome.ledger) for outcome in apply(ada(), days, book)] == [0] * 6 + [1]
