"""Moments survive the way to the engine and back."""

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from webapp.runtime.clock import from_micros, now, to_micros


@given(st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)))
def test_a_moment_comes_back_as_it_was(moment):
    assert from_micros(to_micros(moment)) == moment


def test_an_offset_only_says_the_instant():
    moment = datetime(2026, 3, 29, 1, 30, tzinfo=timezone(timedelta(hours=1)))
    assert to_micros(moment) == to_micros(datetime(2026, 3, 29, 0, 30, tzinfo=UTC))


def test_now_is_aware():
    assert now().utcoffset() == timedelta(0)
