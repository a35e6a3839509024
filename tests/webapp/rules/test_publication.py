"""What publishing does to players: from the next batch on, with history counted first, and awarded where wished."""

import json

from tests.webapp.rules.documents import LESSON_XP, LESSONS, TEN_LESSONS
from tests.webapp.services.drains import ask, assert_true_to_the_log, drain, lessons, post
from webapp.services.publishing.finish_publication import finish_now

DAILY = {"kind": "streak", "key": "daily", "name": "Daily", "events": ["*"], "every": "day"}


def totals(settings):
    return ask(settings, "SELECT sum((convert_from(state, 'utf8')::jsonb #>> '{total,lessons}')::int) FROM player")


def earned(settings):
    return ask(settings, "SELECT coalesce(sum(amount), 0)::int FROM ledger")


def test_a_rule_acts_from_the_next_batch_on_and_a_paused_one_no_longer(laurel, written, settings):
    laurel("rules", "apply", written(LESSON_XP), "--publish")
    post(settings, lessons(10))
    drain(settings)
    laurel("rules", "pause", "lesson_xp")
    post(settings, lessons(20))
    drain(settings)
    laurel("rules", "resume", "lesson_xp")
    post(settings, lessons(25))
    drain(settings)
    assert earned(settings) == 150
    assert_true_to_the_log(settings)


def test_a_new_metric_is_counted_from_the_first_event_before_its_badge_goes_live(laurel, written, settings, status):
    post(settings, lessons(30, players=2))
    drain(settings)
    assert laurel("rules", "apply", written(LESSONS, TEN_LESSONS), "--publish").exit_code == 0
    assert (totals(settings), status("lessons"), status("ten_lessons")) == (30, "live", "live")
    post(settings, lessons(31, players=2))
    drain(settings)
    assert ask(settings, "SELECT count(*) FROM badge_award") == 1
    assert_true_to_the_log(settings)


def test_history_is_awarded_on_request(laurel, written, settings):
    post(settings, lessons(30, players=2))
    drain(settings)
    done = laurel("rules", "apply", written(LESSONS, TEN_LESSONS, LESSON_XP), "--publish", "--past", "award")
    assert (done.exit_code, done.stderr.splitlines()[-1]) == (0, "32 awards from history")
    assert (ask(settings, "SELECT count(*) FROM badge_award"), earned(settings)) == (2, 300)
    assert_true_to_the_log(settings)


def test_awarding_twice_pays_once(laurel, written, settings):
    post(settings, lessons(30, players=2))
    drain(settings)
    for past in ("award", "award_silently"):
        assert laurel("rules", "apply", written(LESSON_XP), "--publish", "--past", past).exit_code == 0
    assert earned(settings) == 300


def test_over_http_a_publication_goes_on_after_the_answer(call, settings, status):
    post(settings, lessons(30))
    drain(settings)
    answer = call("post", "/v1/rules?publish=true", json=[LESSONS, TEN_LESSONS])
    assert answer.status_code == 202
    assert (status("lessons"), status("ten_lessons")) == ("counting", "draft")
    finish_now(settings, answer.json["publication"].rpartition("/")[2])
    publication = call("get", answer.json["publication"]).json
    assert (publication["status"], publication["versions"]) == ("done", {"lessons": 1, "ten_lessons": 1})
    assert (totals(settings), status("ten_lessons")) == (30, "live")


def test_a_publication_that_died_half_way_is_finished_by_the_next(laurel, call, written, settings):
    post(settings, lessons(30))
    drain(settings)
    call("post", "/v1/rules?publish=true", json=[LESSONS, DAILY])
    post(settings, lessons(40))
    drain(settings)
    assert laurel("rules", "apply", written(LESSONS, TEN_LESSONS), "--publish").exit_code == 0
    assert totals(settings) == 40
    assert_true_to_the_log(settings)


def test_a_paused_metric_continues_where_it_stopped(laurel, written, settings):
    laurel("rules", "apply", written(LESSONS), "--publish")
    post(settings, lessons(10))
    drain(settings)
    laurel("rules", "pause", "lessons")
    assert laurel("rules", "resume", "lessons").exit_code == 0
    post(settings, lessons(15))
    drain(settings)
    assert totals(settings) == 15


def test_packs_are_installed_after_their_dependencies_and_installing_twice_has_no_effect(laurel, database):
    for _ in range(2):
        assert laurel("pack", "install", "assessments", "--publish").exit_code == 0
    keys = {document["key"] for document in json.loads(laurel("rules", "export").stdout)}
    assert {"first_step", "pass_xp", "levels", "lifecycle"} <= keys
    assert database.execute("SELECT max(number) FROM rulebook").fetchone() == (2,)


def test_packs_are_listed_and_an_unknown_one_is_refused(laurel):
    assert "assessments" in laurel("pack", "list").stdout
    assert "no such pack: 'nothing'" in laurel("pack", "install", "nothing").stderr
