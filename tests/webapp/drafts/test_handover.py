"""Publishing with a start date: the live version goes on until then; the next one goes live, or waits on."""

import pytest

from engine.authoring.tree.edit_result import EditRefused
from tests.webapp.drafts.conftest import ADA, GRACE
from tests.webapp.drafts.dates import BEGUN, DOUBLE, actions, apply, in_hours, live_version
from tests.webapp.rules.documents import LESSON_XP, LESSONS, TEN_LESSONS
from tests.webapp.services.drains import ask, assert_true_to_the_log, drain, lessons, post
from webapp.services.publishing import draft_decisions, publish, publish_on_schedule
from webapp.services.publishing.publish import apply_documents
from webapp.store.people import audit
from webapp.store.rules import rule_versions, scheduled_publications


def test_the_live_version_goes_on_until_the_next_one_starts(waiting, conn, settings, arrive):
    assert (list(waiting.scheduled), live_version(conn)) == (["lesson_xp"], 1)
    assert publish_on_schedule.publish_due(settings) == 0
    post(settings, lessons(3))
    drain(settings)
    arrive()
    assert (publish_on_schedule.publish_due(settings), live_version(conn)) == (1, 2)
    post(settings, lessons(5))
    drain(settings)
    assert ask(settings, "SELECT sum(amount)::int FROM ledger") == 3 * 10 + 2 * 20
    assert_true_to_the_log(settings)


def test_a_scheduled_publication_is_audited_when_it_is_approved_and_when_it_goes_live(waiting, conn, settings, arrive):
    arrive()
    publish_on_schedule.publish_due(settings)
    assert actions(conn)[-2:] == ["rule.scheduled", "rule.published"]
    (note,) = [entry for entry in audit.entries(conn, subject="lesson_xp") if entry.action == "rule.scheduled"]
    assert (note.actor, note.before["document"]["grant"], note.after["version"]) == (GRACE, {"xp": 10}, 2)


@pytest.mark.parametrize(
    ("current", "next_one"),
    [
        (BEGUN, {}),
        ({}, {"starts_at": "2026-01-01T00:00:00Z"}),
        ({"starts_at": "2099-01-01T00:00:00Z"}, {"starts_at": "2099-01-01T00:00:00Z"}),
        ({"ends_at": "2026-02-01T00:00:00Z"}, {"starts_at": "2099-01-01T00:00:00Z"}),
    ],
)
def test_a_version_goes_live_at_once_if_nothing_would_be_live_until_then(conn, current, next_one):
    apply(conn, LESSON_XP | current)
    assert apply(conn, DOUBLE | next_one).scheduled == {}
    assert live_version(conn) == 2


def test_rules_that_count_are_not_handed_over(live, conn):
    assert apply(conn, LESSONS | {"starts_at": in_hours(24)}).scheduled == {}


def test_the_rest_of_a_file_goes_live_at_once(live, conn):
    applied = apply(conn, DOUBLE | {"starts_at": in_hours(24)}, TEN_LESSONS | {"tier": "gold"})
    assert list(applied.scheduled) == ["lesson_xp"]
    assert (live_version(conn), live_version(conn, "ten_lessons")) == (1, 2)


def test_applying_it_again_changes_nothing_and_another_version_replaces_it(waiting, conn):
    scheduled = scheduled_publications.of_rule(conn, "lesson_xp")
    apply(conn, rule_versions.versions_of(conn, "lesson_xp")[0][1])
    assert scheduled_publications.of_rule(conn, "lesson_xp") == scheduled
    apply(conn, LESSON_XP | {"grant": {"xp": 30}, "starts_at": in_hours(48)})
    assert scheduled_publications.of_rule(conn, "lesson_xp").version == 3
    assert list(scheduled_publications.waiting(conn)) == ["lesson_xp"]


def pause(conn):
    publish.pause(conn, "lesson_xp", GRACE)


def archive(conn):
    publish.archive(conn, "lesson_xp", GRACE)


def publish_another(conn):
    apply_documents(conn, [LESSON_XP | {"grant": {"xp": 30}}], GRACE, publish=True)


def roll_back(conn):
    publish_another(conn)
    draft_decisions.roll_back(conn, "lesson_xp", 1, "Back", GRACE)


MEANWHILE = {
    pause: "the rule is paused",
    archive: "the rule is archived",
    publish_another: "v3 went live in the meantime",
    roll_back: "v4 went live in the meantime",
}


@pytest.mark.parametrize(("happens", "reason"), MEANWHILE.items())
def test_it_never_overwrites_what_happened_in_the_meantime(waiting, conn, settings, arrive, happens, reason):
    happens(conn)
    conn.commit()
    before = rule_versions.live_documents(conn)
    arrive()
    assert publish_on_schedule.publish_due(settings) == 0
    assert rule_versions.live_documents(conn) == before
    assert scheduled_publications.of_rule(conn, "lesson_xp").obstacle == reason
    arrive()
    publish_on_schedule.publish_due(settings)
    assert actions(conn).count("rule.held_back") == 1


def test_it_goes_live_once_the_obstacle_is_gone(waiting, conn, settings, arrive):
    pause(conn)
    conn.commit()
    arrive()
    publish_on_schedule.publish_due(settings)
    publish.resume(conn, "lesson_xp", GRACE)
    conn.commit()
    arrive()
    assert (publish_on_schedule.publish_due(settings), live_version(conn)) == (1, 2)


def test_a_missing_dependency_holds_it_back(live, conn, settings, arrive):
    apply(conn, LESSONS | {"key": "hours", "name": "Hours"})
    reads = {"condition": {">=": [{"var": "metric.hours.total"}, 1]}}
    apply(conn, DOUBLE | reads | {"starts_at": in_hours(24)})
    publish.archive(conn, "hours", GRACE)
    conn.commit()
    arrive()
    assert (publish_on_schedule.publish_due(settings), live_version(conn)) == (0, 1)
    assert "hours" in scheduled_publications.of_rule(conn, "lesson_xp").obstacle


def test_it_can_be_cancelled_until_then(waiting, conn, settings, arrive):
    assert publish_on_schedule.withdraw(conn, "lesson_xp", ADA).version == 2
    conn.commit()
    arrive()
    assert (publish_on_schedule.publish_due(settings), live_version(conn)) == (0, 1)
    assert actions(conn)[-1] == "rule.unscheduled"
    with pytest.raises(EditRefused, match="Nothing is scheduled"):
        publish_on_schedule.withdraw(conn, "lesson_xp", ADA)


def test_history_is_awarded_at_its_date_where_that_was_approved(live, conn, settings, arrive):
    post(settings, lessons(3))
    drain(settings)
    apply(conn, DOUBLE | {"starts_at": in_hours(24)}, past="award")
    assert ask(settings, "SELECT count(*) FROM job") == 0
    arrive()
    assert publish_on_schedule.publish_due(settings) == 1
    assert ask(settings, "SELECT params->>'past' FROM job") == "award"
