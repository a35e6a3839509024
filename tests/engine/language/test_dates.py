"""Texts in comparisons: dates and moments have an order, everything else satisfies nothing."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.language.semantics import above, at_least, at_most, below, later, moment_of
from tests.builders import ada, apply, make_book, make_entry

NO_DATES = ["", " ", "0", "n/a", "never", "12/31/2027", "31.12.2027", "1 Jan 2030", "2026-02-30", "2026-1-5",
            "2026-11-30T08:00", "2026-11-30x", "20261130", "2026-W48-1", "٢٠٢٦-١١-٣٠"]  # fmt: skip
COMPARISONS = (above, at_least, below, at_most)
zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
dates = st.dates(date(1990, 1, 1), date(2100, 1, 1))
moments = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=zones)


@pytest.mark.parametrize("text", NO_DATES)
@pytest.mark.parametrize("compares", COMPARISONS)
@pytest.mark.parametrize("other", ["2026-12-01", "2026-12-01T00:00:00Z", "", "zebra"])
def test_a_text_that_is_no_date_satisfies_nothing(text, compares, other):
    assert not compares(text, other)
    assert not compares(other, text)


@given(st.text(max_size=12), dates)
def test_no_text_but_a_date_is_before_or_after_a_day(text, day):
    is_date = moment_of(text) is not None
    assert any(compares(text, day.isoformat()) for compares in COMPARISONS) == is_date


@given(dates, dates)
def test_days_are_in_the_order_of_the_calendar(one, two):
    assert above(one.isoformat(), two.isoformat()) == (one > two)
    assert at_least(one.isoformat(), two.isoformat()) == (one >= two)


@given(moments, moments)
def test_moments_are_in_their_order_wherever_they_were(one, two):
    assert later(one.isoformat(), two.isoformat()) == (one > two) - (one < two)
    assert later(one.isoformat(), one.astimezone(UTC).isoformat()) == 0


@given(moments, dates)
def test_a_moment_is_compared_with_a_day_by_its_own_day(moment, day):
    assert later(moment.isoformat(), day.isoformat()) == (moment.date() > day) - (moment.date() < day)


def test_the_examples_that_people_reported():
    assert above("2026-11-30T23:30:00-05:00", "2026-12-01T00:00:00Z")
    assert at_most("2026-11-30T08:00Z", "2026-11-30")
    assert below("2026-11-30", "2026-12-02", "2026-12-03")


def test_a_rule_pays_for_no_text_that_is_no_date():
    trial = {
        "kind": "event_type",
        "key": "trial",
        "name": "T",
        "type": "trial",
        "properties": {"ends": {"type": "date"}},
    }
    soon = {
        "kind": "earning",
        "key": "soon",
        "name": "Soon",
        "trigger": {"events": ["trial"]},
        "condition": {"<": [{"var": "event.properties.ends"}, "2026-12-01"]},
        "grant": {"xp": 1},
    }
    entries = [
        make_entry("trial", seq=number, ends=text) for number, text in enumerate([*NO_DATES, "2026-11-30"], start=1)
    ]
    outcomes = apply(ada(), entries, make_book([trial, soon]))
    assert [len(outcome.ledger) for outcome in outcomes] == [0] * len(NO_DATES) + [1]
