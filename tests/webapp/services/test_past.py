"""The past: what is new counts from the first event; what would have been earned can be paid, once."""

import itertools
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from engine.vocabulary.entry import REVOCATION
from tests.lengths import brief_or_long
from tests.webapp.services.drains import RULES, ask, assert_true_to_the_log, drain, lesson, lessons, post, publish
from webapp.config import Settings
from webapp.services.history.award_history import award_history
from webapp.services.history.seed_states import seed_states
from webapp.services.players.change_player import apply_manual_change
from webapp.services.publishing.finish_publication import finish_now
from webapp.services.publishing.publish import AWARD, PublicationResult, apply_documents, archive, pause, resume
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


BACK = {"kind": "badge", "key": "back", "name": "Back", "trigger": {"events": ["lesson_completed"]}, "condition": None}


def publish_with_history(settings: Settings, *documents: dict[str, Any]) -> dict[str, Any]:
    """Publish and award the past, and return the result of the publication's job."""
    with connect(settings.database_url) as conn:
        applied = apply_documents(conn, list(documents), "test", publish=True, past=AWARD)
        conn.commit()
    assert applied.problems == []
    assert applied.job is not None
    result = finish_now(settings, applied.job)
    assert result is not None
    return result


def lessons_of(settings: Settings, count: int, *, player: str = "ada", first: int) -> None:
    post(settings, [lesson(number, player, score=50) for number in range(first, first + count)])
    drain(settings)


@pytest.mark.parametrize("kind", ["badge", "earning"])
@pytest.mark.parametrize("way_out", ["pause", "archive"])
def test_a_rule_that_comes_back_unchanged_awards_what_happened_while_it_was_away(
    settings: Settings, kind: str, way_out: str
) -> None:
    grant = {"grant": {"xp": 10}}
    document = {**BACK, **grant} if kind == "badge" else {**BACK, **grant, "kind": "earning"}
    publish(settings, [document])
    with connect(settings.database_url) as conn:
        (pause if way_out == "pause" else archive)(conn, "back", "test")
        conn.commit()
    lessons_of(settings, 1, first=1)
    result = publish_with_history(settings, document)
    with connect(settings.database_url) as conn:
        assert result == {"awarded": 1, "rulebook": rule_versions.live_number(conn)}
    assert ask(settings, "SELECT sum(amount)::int FROM ledger") == 10
    assert publish_with_history(settings, document)["awarded"] == 0
    assert_true_to_the_log(settings)


def test_a_lowered_threshold_reaches_those_who_had_enough(settings: Settings) -> None:
    publish(settings, [LESSONS, {**BACK, "condition": at_least(3)}])
    for first, player, count in ((1, "ada", 2), (11, "bob", 3), (21, "cleo", 1)):
        lessons_of(settings, count, player=player, first=first)
    assert publish_with_history(settings, {**BACK, "condition": at_least(2)})["awarded"] == 1
    assert holders(settings) == {"ada", "bob"}
    assert_true_to_the_log(settings)


def at_least(count: int) -> dict[str, Any]:
    return {">=": [{"var": "metric.lessons.total"}, count]}


def holders(settings: Settings) -> set[str]:
    query = "SELECT coalesce(array_agg(p.id), '{}') FROM badge_award b JOIN player p ON p.number = b.player"
    return set(ask(settings, f"{query} WHERE b.badge = 'back' AND b.revoked_n IS NULL"))


def test_a_corrected_rule_pays_the_events_for_which_it_gave_nothing_and_no_other_again(settings: Settings) -> None:
    strict = {**BACK, "kind": "earning", "condition": {">=": [{"var": "event.properties.score"}, 60]},
              "grant": {"xp": 10}}  # fmt: skip
    publish(settings, [strict])
    post(settings, [lesson(number, score=number) for number in (40, 55, 60, 90)])
    drain(settings)
    easier = {**strict, "condition": {">=": [{"var": "event.properties.score"}, 50]}, "grant": {"xp": 30}}
    assert publish_with_history(settings, easier)["awarded"] == 1
    assert ask(settings, "SELECT sum(amount)::int FROM ledger") == 10 + 10 + 30
    assert publish_with_history(settings, {**easier, "name": "Anew"})["awarded"] == 0
    assert_true_to_the_log(settings)


def test_a_badge_that_was_taken_back_is_not_awarded_for_the_past(settings: Settings) -> None:
    publish(settings, [BACK])
    lessons_of(settings, 1, first=1)
    apply_manual_change(settings, "ada", REVOCATION, {"badge": "back", "reason": "error", "by": "op"}, None)
    assert publish_with_history(settings, {**BACK, "name": "Anew"})["awarded"] == 0
    assert holders(settings) == set()


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("lessons"), st.integers(0, 3)),
        st.tuples(st.just("publish"), st.integers(1, 4)),
        st.tuples(st.sampled_from(["pause", "archive"]), st.none()),
    ),
    min_size=2,
    max_size=7,
)


def test_after_any_story_history_reaches_exactly_those_who_have_enough(settings: Settings) -> None:
    numbers, keys = itertools.count(1), itertools.count(1)
    publish(settings, [LESSONS])

    @hypothesis_settings(max_examples=brief_or_long(5, 60), suppress_health_check=list(HealthCheck), deadline=None)
    @given(STEPS, st.integers(1, 4))
    def tell(steps: list[tuple[str, Any]], enough: int) -> None:
        story = f"story_{next(keys)}"
        # Each story has its own players, event type and rules, so that none sees what another did.
        documents = [
            {**LESSONS, "key": f"{story}_count", "name": story, "events": [story]},
            {**BACK, "key": f"{story}_badge", "trigger": {"events": [story]}},
            {**BACK, "key": f"{story}_pays", "kind": "earning", "trigger": {"events": [story]}, "grant": {"xp": 1}},
        ]

        def condition(least: int) -> dict[str, Any]:
            return {"condition": {">=": [{"var": f"metric.{story}_count.total"}, least]}}

        publish(settings, documents[:1])
        totals = [0, 0, 0, 0]
        for name, value in [*steps, ("publish", enough)]:
            if name == "lessons":
                for player in range(value, 4):
                    totals[player] += 1
                    event = replace(lesson(next(numbers), f"{story}-{player}"), type=story)
                    post(settings, [event])
                drain(settings)
            elif name == "publish":
                publish_with_history(settings, *({**document, **condition(value)} for document in documents[1:]))
            else:
                with connect(settings.database_url) as conn:
                    for document in documents[1:]:
                        (pause if name == "pause" else archive)(conn, document["key"], "test")
                    conn.commit()
        held = ask(settings, "SELECT array_agg(p.id ORDER BY p.id) FROM badge_award b JOIN player p"
                   " ON p.number = b.player WHERE b.badge = %s", f"{story}_badge")  # fmt: skip
        lowest = min([enough, *(value for name, value in steps if name == "publish")])
        assert set(held or ()) >= {f"{story}-{player}" for player in range(4) if totals[player] >= enough}
        assert set(held or ()) <= {f"{story}-{player}" for player in range(4) if totals[player] >= lowest}
        paid = ask(settings, "SELECT coalesce(sum(amount), 0)::int FROM ledger WHERE rule = %s", f"{story}_pays")
        assert paid >= sum(max(0, total - enough + 1) for total in totals)
        assert paid <= sum(max(0, total - lowest + 1) for total in totals)

    tell()
    assert_true_to_the_log(settings)
