"""After a rule went live: what its versions keep, the way back to one, out of use, and a copy."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from engine.authoring.tree.edit_result import EditRefused
from tests.webapp.drafts.conftest import ADA, GOLD, GRACE, wait_until_somebody_waits
from tests.webapp.drafts.deciding import TWELVE, decision_about, tier
from tests.webapp.rules.documents import TEN_LESSONS
from webapp.services.drafts import draft_editing
from webapp.services.publishing import draft_decisions, publish, rule_changes
from webapp.services.publishing.rule_changes import RuleNeeded
from webapp.store.people import four_eyes
from webapp.store.rules import rule_versions, test_cases, version_notes


def test_rolling_back_publishes_the_old_version_as_a_new_one(conn, sent):
    draft_decisions.publish_draft(conn, sent.id, decision_about(sent), GRACE)
    draft_decisions.roll_back(conn, "ten_lessons", 1, "Too many gold badges", GRACE)
    rule = rule_versions.rule(conn, "ten_lessons")
    assert (rule.live_version, rule.document) == (3, TEN_LESSONS)
    assert version_notes.notes_of(conn, "ten_lessons")[3].comment == "Too many gold badges"


def test_rolling_back_ignores_test_cases_of_the_version_it_replaces(conn, sent):
    test_cases.add(conn, sent.key, "Twelve", TWELVE, expected=True, by=ADA)
    draft_decisions.publish_draft(conn, sent.id, decision_about(sent), GRACE)
    (case,) = test_cases.cases_of(conn, sent.key)
    test_cases.change(conn, case, "Twelve", TWELVE, expected=False)
    draft_decisions.roll_back(conn, "ten_lessons", 1, "Back", GRACE)
    assert tier(conn) == "silver"


@pytest.mark.parametrize("version", [0, 1, 9])
def test_rolling_back_to_the_live_or_an_unknown_version_is_refused(conn, live, version):
    with pytest.raises(EditRefused):
        draft_decisions.roll_back(conn, "ten_lessons", version, "Back", GRACE)


def test_a_rule_needed_by_others_is_not_archived(settings, conn, live):
    conn.commit()
    with pytest.raises(RuleNeeded, match="needed by ten_lessons"):
        rule_changes.archive_rule(settings, "lessons", GRACE)
    rule_changes.archive_rule(settings, "ten_lessons", GRACE)
    assert rule_versions.rule(conn, "ten_lessons").status == "archived"


def test_a_copy_has_the_notes_and_test_cases_and_a_key_of_its_own(conn, draft):
    test_cases.add(conn, draft.key, "Twelve", TWELVE, expected=True, by=ADA)
    copy = draft_editing.duplicate(conn, "ten_lessons", ADA)
    assert (copy.key, copy.document["name"], copy.tree) == ("ten_lessons_copy", "Ten Lessons (copy)", draft.tree)
    assert [case.name for case in test_cases.cases_of(conn, copy.key)] == ["Twelve"]
    assert draft_editing.duplicate(conn, "nothing", ADA) is None


def test_notes_and_mutes_survive_publication(conn, draft):
    four_eyes.switch(conn, on=False)
    for edit in (
        GOLD,
        {"op": "note", "id": "c1", "text": "why ten"},
        {"op": "clone", "id": "c1"},
        {"op": "mute", "id": "c2"},
    ):
        draft = draft_editing.edit(conn, draft.id, draft.revision, edit, ADA).draft
    draft_decisions.publish_draft(conn, draft.id, decision_about(draft), ADA)
    assert draft_editing.open_draft(conn, "ten_lessons", ADA).tree == draft.tree


def test_a_rule_that_is_about_to_be_needed_is_not_archived(live, conn, settings):
    reads = TEN_LESSONS | {"key": "one_lesson", "condition": {">=": [{"var": "metric.lessons.total"}, 1]}}
    publish.archive(conn, "ten_lessons", GRACE)
    conn.commit()
    assert publish.apply_documents(conn, [reads], GRACE, publish=True).problems == []

    def archive():
        with pytest.raises(RuleNeeded, match="needed by one_lesson"):
            rule_changes.archive_rule(settings, "lessons", GRACE)

    with ThreadPoolExecutor(1) as pool:
        archiving = pool.submit(archive)
        wait_until_somebody_waits(conn)
        conn.commit()
        archiving.result()
