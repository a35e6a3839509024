"""The past: what is new counts from the first event; what would have been earned can be paid, once."""

from typing import Any

from tests.webapp.jobs.drains import RULES, ask, assert_true_to_the_log, drain, lessons, post
from webapp.config import Settings
from webapp.jobs.history_award import award_history
from webapp.jobs.publish import apply_documents
from webapp.jobs.seed import seed
from webapp.store import rules
from webapp.store.connection import connect

COUNTING = {"metric", "streak", "leaderboard", "levels"}
COUNTED = [rule for rule in RULES if rule["kind"] in COUNTING]
JUDGING = [rule for rule in RULES if rule["kind"] not in COUNTING]


def go_live(settings: Settings, documents: list[dict[str, Any]]) -> int:
    """Make documents live at once, with no regard to the past."""
    with connect(settings.database_url) as conn:
        versions = {each["key"]: rules.store_version(conn, each, "test") for each in documents}
        rules.make_live(conn, versions, "test")
        number = rules.write_rulebook(conn)
        conn.commit()
    return number


def metrics_of(settings: Settings) -> Any:
    return ask(settings, "SELECT array_agg(convert_from(state, 'utf8')::jsonb -> 'total' ORDER BY id) FROM player")


def test_a_new_metric_counts_since_the_first_event(settings: Settings) -> None:
    go_live(settings, JUDGING[:1])
    post(settings, lessons(60))
    drain(settings)
    since = go_live(settings, COUNTED)
    post(settings, lessons(90))
    drain(settings)
    assert seed(settings, [rule["key"] for rule in COUNTED], since) == 7
    seeded = metrics_of(settings)
    assert sum(each["lessons"] for each in seeded) == 90
    assert_true_to_the_log(settings)


def test_seeding_twice_counts_once(settings: Settings) -> None:
    post(settings, lessons(30))
    drain(settings)
    since = go_live(settings, COUNTED)
    assert [seed(settings, ["lessons"], since) for _ in range(2)] == [7, 0]
    assert sum(each["lessons"] for each in metrics_of(settings)) == 30


def test_with_an_empty_log_there_is_nothing_to_seed(settings: Settings) -> None:
    assert seed(settings, ["lessons"], go_live(settings, COUNTED)) == 0


def test_history_is_awarded_once_with_the_date_of_its_event(settings: Settings) -> None:
    go_live(settings, COUNTED)
    post(settings, lessons(60))
    drain(settings)
    since = go_live(settings, JUDGING)
    paid = award_history(settings, ["first_step", "new_course"], since)
    assert (paid, award_history(settings, ["first_step", "new_course"], since)) == (7 + 35, 0)
    assert ask(settings, "SELECT min(at) = (SELECT min(occurred_at) FROM entry) FROM badge_award")
    assert_true_to_the_log(settings)


def test_what_a_rule_gave_when_it_was_live_is_not_paid_again(settings: Settings) -> None:
    go_live(settings, [*COUNTED, *JUDGING])
    post(settings, lessons(60))
    drain(settings)
    changed = [{**rule, "name": "Anew"} for rule in JUDGING if rule["key"] == "lesson_xp"]
    assert award_history(settings, ["lesson_xp"], go_live(settings, changed)) == 0


def test_everything_at_once_through_publication(settings: Settings) -> None:
    post(settings, lessons(40))
    drain(settings)
    with connect(settings.database_url) as conn:
        assert apply_documents(conn, RULES, "test", publish=True).problems == []
        conn.commit()
    post(settings, lessons(60))
    drain(settings)
    assert_true_to_the_log(settings)
