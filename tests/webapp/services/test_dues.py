"""Time passes for everybody: a new lifecycle finds the players of whom nothing is heard any more."""

from tests import presets
from tests.webapp.services.drains import ask, assert_true_to_the_log, drain, lesson, lessons, post, publish
from webapp.config import Settings
from webapp.services.pipeline.ticks import append_ticks, renew_due_times
from webapp.services.publishing.finish_publication import finish_now
from webapp.services.publishing.publish import apply_documents
from webapp.store.system.connection import connect

STATES = "SELECT array_agg(DISTINCT convert_from(state, 'utf8')::jsonb -> 'life' ->> 0) FROM player"


def publish_lifecycle(settings: Settings) -> None:
    with connect(settings.database_url) as conn:
        applied = apply_documents(conn, presets.lifecycle(), "test", publish=True)
        conn.commit()
    assert applied.job is not None
    finish_now(settings, applied.job)


def test_a_new_lifecycle_lets_quiet_players_fall_asleep(settings: Settings) -> None:
    post(settings, lessons(20))
    drain(settings)
    publish_lifecycle(settings)
    assert renew_due_times(settings) == 7
    assert append_ticks(settings) == 7
    drain(settings)
    assert ask(settings, STATES) == ["DORMANT"]
    assert_true_to_the_log(settings)


def test_a_player_is_checked_for_due_times_only_once(settings: Settings) -> None:
    post(settings, [lesson(1), lesson(2)])
    drain(settings)
    publish_lifecycle(settings)
    assert [renew_due_times(settings), renew_due_times(settings)] == [1, 0]


def test_a_rulebook_with_the_same_timing_needs_no_new_check(settings: Settings) -> None:
    publish(settings)
    assert renew_due_times(settings) == 0
    post(settings, lessons(7))
    drain(settings)
    publish(
        settings, [{"kind": "segment", "key": "all", "name": "All", "condition": {">=": [{"var": "player.xp"}, 0]}}]
    )
    assert renew_due_times(settings) == 0
