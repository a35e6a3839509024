"""The past: what is new counts from the first event; what would have been earned can be paid, once."""

from typing import Any

from tests.webapp.services.drains import RULES, ask, assert_true_to_the_log, drain, lesson, lessons, post, publish
from webapp.config import Settings
from webapp.services.history.award_history import award_history
from webapp.services.history.seed_states import seed_states
from webapp.services.publishing.finish_publication import finish_now
from webapp.services.publishing.publish import PublicationResult, apply_documents, pause, resume
from webapp.store.rules import rule_versions
from webapp.store.system.connection import connect

COUNTING = {"metric", "streak", "leaderboard", "levels"}
COUNTED = [rule for rule in RULES if rule["kind"] in COUNTING]
JUDGING = [rule for rule in RULES if rule["kind"] not in COUNTING]


def go_live(settings: Settings, documents: list[dict[str, Any]]) -> int:
    """Make documents live at once, with no regard to the past."""
    with connect(settings.database_url) as conn:
        versions = {document["key"]: rule_versions.store_version(conn, document, "test") for document in documents}
        rule_versions.make_live(conn, versions, "test")
        number = rule_versions.write_rulebook(conn)
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
    assert seed_states(settings, [rule["key"] for rule in COUNTED], since) == 7
    seeded = metrics_of(settings)
    assert sum(metrics["lessons"] for metrics in seeded) == 90
    assert_true_to_the_log(settings)


def test_seeding_twice_counts_once(settings: Settings) -> None:
    post(settings, lessons(30))
    drain(settings)
    since = go_live(settings, COUNTED)
    assert [seed_states(settings, ["lessons"], since) for _ in range(2)] == [7, 0]
    assert sum(metrics["lessons"] for metrics in metrics_of(settings)) == 30


def test_with_an_empty_log_there_is_nothing_to_seed(settings: Settings) -> None:
    assert seed_states(settings, ["lessons"], go_live(settings, COUNTED)) == 0


def test_history_is_awarded_once_with_the_date_of_its_event(settings: Settings) -> None:
    go_live(settings, COUNTED)
    post(settings, lessons(60))
    drain(settings)
    since = go_live(settings, JUDGING)
    paid = award_history(settings, ["first_step", "new_course"], since)
    assert (paid, award_history(settings, ["first_step", "new_course"], since)) == (7 + 35, 0)
    assert ask(settings, "SELECT min(at) = (SELECT min(occurred_at) FROM entry) FROM badge_award")
    assert_true_to_the_log(settings)


def test_awards_a_rule_gave_while_live_are_not_paid_again(settings: Settings) -> None:
    go_live(settings, [*COUNTED, *JUDGING])
    post(settings, lessons(60))
    drain(settings)
    changed = [{**rule, "name": "Anew"} for rule in JUDGING if rule["key"] == "lesson_xp"]
    assert award_history(settings, ["lesson_xp"], go_live(settings, changed)) == 0


def test_a_publication_counts_and_awards_everything_at_once(settings: Settings) -> None:
    post(settings, lessons(40))
    drain(settings)
    with connect(settings.database_url) as conn:
        assert apply_documents(conn, RULES, "test", publish=True).problems == []
        conn.commit()
    post(settings, lessons(60))
    drain(settings)
    assert_true_to_the_log(settings)


def publish_now(settings: Settings, *documents: dict[str, Any]) -> None:
    """Publish and wait until history is counted."""
    with connect(settings.database_url) as conn:
        applied = apply_documents(conn, list(documents), "test", publish=True)
        conn.commit()
    count_now(settings, applied)


def count_now(settings: Settings, applied: PublicationResult) -> None:
    """Do the slow part of a publication; meanwhile events come in."""
    assert applied.problems == []
    assert applied.job is not None
    post(settings, [lesson(500, "player-0"), lesson(501, "player-1")])
    drain(settings)
    finish_now(settings, applied.job)
    post(settings, [lesson(600, "player-0"), lesson(601, "player-8")])
    drain(settings)


def scores_of(settings: Settings, board: str) -> list[Any]:
    """What is stored as the scores of a board, all runs of all players."""
    query = "SELECT kept.value->0 FROM player, jsonb_each(convert_from(state, 'utf8')::jsonb -> 'boards' -> %s) AS kept"
    query += " UNION ALL SELECT value->0 FROM player_series WHERE series = 'b:' || %s"
    return sorted(ask(settings, f"SELECT array_agg(v) FROM ({query}) AS t (v)", board, board) or [])


LESSONS = COUNTED[0]
BY_LESSONS = {"kind": "leaderboard", "key": "by_lessons", "name": "By lessons", "score": "metric.lessons",
              "window": "all_time"}  # fmt: skip
GOOD = {"filter": {">=": [{"var": "event.properties.score"}, 65]}}


def test_a_changed_metric_and_the_board_that_ranks_by_it_are_counted_anew_since_the_first_event(
    settings: Settings,
) -> None:
    publish(settings, [LESSONS, BY_LESSONS])
    post(settings, lessons(140))
    drain(settings)
    publish_now(settings, {**LESSONS, **GOOD})
    good = 70 + sum(30 + number % 70 >= 65 for number in (500, 501, 600, 601))
    assert sum((metrics or {}).get("lessons", 0) for metrics in metrics_of(settings)) == good
    assert sum(scores_of(settings, "by_lessons")) == good
    assert_true_to_the_log(settings)


def test_a_metric_of_another_aggregate_leaves_nothing_of_the_old_one(settings: Settings) -> None:
    publish(settings, [{**LESSONS, "aggregate": "distinct", "property": "course"}])
    post(settings, lessons(70))
    drain(settings)
    publish_now(settings, {**LESSONS, "aggregate": "max", "property": "score"})
    assert max(metrics["lessons"] for metrics in metrics_of(settings)) == 99 * 10**6
    assert ask(settings, "SELECT count(*) FROM player_set_member") == 0
    assert_true_to_the_log(settings)


def test_a_resumed_metric_counts_what_happened_while_it_was_paused(settings: Settings) -> None:
    publish(settings, [LESSONS])
    post(settings, lessons(70))
    drain(settings)
    with connect(settings.database_url) as conn:
        pause(conn, "lessons", "test")
        conn.commit()
    post(settings, [lesson(number, f"player-{number % 7}") for number in range(70, 100)])
    drain(settings)
    with connect(settings.database_url) as conn:
        applied = resume(conn, "lessons", "test")
        conn.commit()
    count_now(settings, applied)
    assert sum(metrics["lessons"] for metrics in metrics_of(settings)) == 104
    assert_true_to_the_log(settings)


def test_a_board_of_another_window_shows_all_that_was_ever_earned(settings: Settings) -> None:
    publish(settings)
    post(settings, lessons(60))
    drain(settings)
    publish_now(settings, {**RULES[-1], "window": "all_time"})
    earned = ask(settings, "SELECT sum(amount)::int FROM ledger WHERE currency = 'xp'")
    assert sum(scores_of(settings, "weekly_xp")) == earned
    assert_true_to_the_log(settings)


def test_a_new_name_counts_nothing_anew(settings: Settings) -> None:
    publish(settings, [LESSONS])
    post(settings, lessons(7))
    drain(settings)
    with connect(settings.database_url) as conn:
        assert apply_documents(conn, [{**LESSONS, "name": "Lessons done"}], "test", publish=True).job is None
