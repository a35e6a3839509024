"""Going live on a date happens once: after a kill, with several beats, beside a change of mind, in spite of others."""

from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
from signal import SIGKILL

from engine.authoring.tree.edit_result import EditRefused
from tests.webapp.drafts.conftest import ADA, GRACE
from tests.webapp.drafts.dates import actions, apply, in_hours, live_version
from tests.webapp.rules.documents import TEN_LESSONS
from tests.webapp.services.drains import ask
from webapp.services.publishing import publish, publish_on_schedule
from webapp.store.rules import rule_versions, scheduled_publications
from webapp.store.system.connection import connect


def test_a_beat_killed_before_the_commit_leaves_the_publication_to_the_next(
    waiting, conn, settings, arrive, tmp_path, monkeypatch
):
    arrive()
    (token := tmp_path / "token").touch()
    monkeypatch.setenv("LAUREL_FAILPOINTS", f"before_handover={token}")
    dying = get_context("spawn").Process(target=publish_on_schedule.publish_due, args=(settings,))
    dying.start()
    dying.join()
    assert (dying.exitcode, live_version(conn), actions(conn)[-1]) == (-SIGKILL, 1, "rule.scheduled")
    arrive()
    assert (publish_on_schedule.publish_due(settings), live_version(conn)) == (1, 2)


def test_two_beats_publish_once(waiting, settings, arrive):
    arrive()
    with ThreadPoolExecutor(4) as pool:
        done = [
            future.result() for future in [pool.submit(publish_on_schedule.publish_due, settings) for _ in range(4)]
        ]
    assert sum(done) == 1
    assert (
        ask(settings, "SELECT count(*) FROM audit_entry WHERE action = 'rule.published' AND subject = 'lesson_xp'") == 2
    )


def test_two_beats_that_took_the_same_publication_publish_it_once(waiting, conn, settings, arrive):
    arrive()
    number = scheduled_publications.of_rule(conn, "lesson_xp").id
    conn.rollback()

    def carry_out(_):
        with connect(settings.database_url) as own:
            done = publish_on_schedule.publish_if_possible(own, number)
            own.commit()
            return done is not None

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(carry_out, range(4))) == [False, False, False, True]


def test_cancelling_and_going_live_at_the_same_moment_do_one_of_the_two(waiting, conn, settings, arrive):
    arrive()

    def withdraw():
        with connect(settings.database_url) as own:
            try:
                publish_on_schedule.withdraw(own, "lesson_xp", ADA)
            except EditRefused:
                return 0
            return 1

    with ThreadPoolExecutor(2) as pool:
        publishing, withdrawing = pool.submit(publish_on_schedule.publish_due, settings), pool.submit(withdraw)
        assert publishing.result() + withdrawing.result() == 1
    assert live_version(conn) == 1 + publishing.result()


def test_a_publication_that_fails_does_not_hold_up_the_others(waiting, conn, settings, arrive):
    apply(conn, TEN_LESSONS | {"tier": "gold", "starts_at": in_hours(24)})
    publish.pause(conn, "lesson_xp", GRACE)
    conn.commit()
    arrive()
    assert (publish_on_schedule.publish_due(settings), live_version(conn, "ten_lessons")) == (1, 2)


def test_a_version_that_is_already_live_is_finished(waiting, conn, settings, arrive):
    arrive()
    versions = {"lesson_xp": 2}
    rule_versions.make_live(conn, versions, GRACE)
    rule_versions.write_rulebook(conn)
    conn.commit()
    assert (publish_on_schedule.publish_due(settings), scheduled_publications.of_rule(conn, "lesson_xp")) == (1, None)
