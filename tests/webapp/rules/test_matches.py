"""How often rules match, by the hour: what counts is counted, refusals too, once for each entry whoever applies it."""

import pytest

from tests.webapp.rules.documents import LESSON_XP
from tests.webapp.services.drains import ask, drain, lesson, lessons, post, publish
from webapp.runtime.clock import now_micros
from webapp.services.history.verify import verify
from webapp.store.events import rule_activity
from webapp.store.system.connection import connect


def matches(settings):
    with connect(settings.database_url) as conn:
        return {rule: sum(hours) for rule, hours in rule_activity.matches_by_rule(conn).items()}


DAYS = "SELECT count(DISTINCT (player, (occurred_at AT TIME ZONE 'UTC')::date)) FROM entry"


@pytest.fixture
def happened(settings):
    """Forty lessons of seven players, in batches of four."""
    publish(settings)
    post(settings, lessons(40))
    drain(settings, batch=4)


def test_metrics_and_streaks_match_what_they_count(happened, settings):
    match_counts = matches(settings)
    assert (match_counts["lessons"], match_counts["courses"]) == (40, 40)
    assert match_counts["daily"] == ask(settings, DAYS)


def test_a_giving_rule_matches_as_often_as_it_gave_or_a_limit_refused_it(happened, settings):
    match_counts = matches(settings)
    assert (
        match_counts["first_step"] == ask(settings, "SELECT count(*) FROM badge_award WHERE badge = 'first_step'") == 7
    )
    assert match_counts["lesson_xp"] == ask(
        settings, "SELECT count(DISTINCT (shard, n)) FROM ledger WHERE rule = 'lesson_xp'"
    )
    paid = ask(settings, "SELECT count(*) FROM ledger WHERE rule = 'new_course'")
    assert match_counts["new_course"] == 40 > paid


def test_boards_and_levels_match_entries_that_move_a_player(settings):
    publish(settings)
    post(settings, [lesson(number, at=now_micros(), score=50) for number in range(3)])
    drain(settings)
    match_counts = matches(settings)
    assert (match_counts["weekly_xp"], match_counts["levels"]) == (3, 1)


def test_entries_that_do_not_match_are_not_counted(settings):
    publish(settings, [LESSON_XP | {"condition": {">=": [{"var": "event.properties.score"}, 60]}}])
    post(settings, [lesson(1, score=59), lesson(2, score=60), lesson(3, score=None)])
    drain(settings)
    assert matches(settings) == {"lesson_xp": 1}


def test_verifying_counts_nothing(happened, settings):
    before = matches(settings)
    verify(settings)
    assert matches(settings) == before


def test_the_newest_hour_comes_last_and_yesterday_is_forgotten(happened, settings):
    with connect(settings.owner_url) as owner:
        owner.execute(
            "INSERT INTO rule_activity SELECT hour - back, shard, rule, 1"
            " FROM rule_activity, unnest(ARRAY[1, 23, 24, 48]) back"
        )
        by_hour = rule_activity.matches_by_rule(owner)["lessons"]
        places = ask(settings, "SELECT count(DISTINCT shard) FROM rule_activity WHERE rule = 'lessons'")
        assert (by_hour[0], by_hour[22], by_hour[23], sum(by_hour)) == (places, places, 40, 40 + 2 * places)
        rule_activity.forget_hours(owner)
        (hours_kept,) = owner.execute("SELECT count(DISTINCT hour) FROM rule_activity").fetchone()
        assert hours_kept == 4
