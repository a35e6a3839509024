"""The demo's events: moved by whole weeks into the present one, and played at a pace that one can watch."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from rules_library import demo

MOMENTS = [submission.occurred_at for submission in demo.submissions()]
WEEK = timedelta(weeks=1)


def test_the_last_busy_week_is_not_one_of_the_stragglers():
    assert demo.last_busy_week(MOMENTS) == datetime(2014, 5, 26, tzinfo=UTC)


@pytest.mark.parametrize("day", range(7))
def test_the_last_busy_week_becomes_the_present_one(day):
    now = datetime(2026, 11, 16, 12, tzinfo=UTC) + timedelta(days=day)
    moved = demo.last_busy_week(MOMENTS) + demo.weeks_to(now) * WEEK
    assert moved <= now < moved + WEEK


def test_events_move_together_and_keep_their_ids():
    original, moved = (next(iter(demo.submissions(weeks))) for weeks in (0, 10))
    assert (moved.id, moved.occurred_at - original.occurred_at) == (original.id, 10 * WEEK)


def test_ids_are_unique_and_moments_ascend():
    ids = [submission.id for submission in demo.submissions()]
    assert len(set(ids)) == len(ids) == 49_018
    assert all(before <= after for before, after in pairwise(MOMENTS))


@pytest.mark.parametrize(("count", "lasts"), [(1, 20), (60, 1200), (300, 3600), (1300, 3600), (5000, 10_000)])
def test_the_remaining_events_pass_in_about_an_hour(count, lasts):
    pauses = demo.pauses(MOMENTS[-count:])
    assert sum(pauses) == pytest.approx(lasts)
    assert max(pauses) <= 9.001 * min(pauses)


def test_no_remaining_events_take_no_time():
    assert (demo.pauses([]), demo.faster([])) == ([], 1.0)
