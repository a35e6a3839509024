"""From a draft to a live rule: sent, sent back, voided by an edit, approved by somebody else, rolled back."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from engine.authoring.tree.edit_result import EditRefused
from engine.language.compile import CompiledLogic
from tests.webapp.drafts.conftest import ADA, GRACE, set_value, wait_until_somebody_waits
from tests.webapp.drafts.deciding import TWELVE, decision_about, tier
from tests.webapp.rules.documents import LESSONS, TEN_LESSONS
from webapp.services.drafts import draft_editing
from webapp.services.publishing import draft_decisions, publication_gate, publish, review
from webapp.store.people import audit, four_eyes
from webapp.store.rules import drafts, rule_versions, submissions, test_cases, version_notes
from webapp.store.system.connection import connect


def test_a_sent_draft_goes_live_when_somebody_else_approves(conn, sent):
    applied = draft_decisions.publish_draft(conn, sent.id, decision_about(sent, "Fine"), GRACE)
    assert (applied.versions, tier(conn)) == ({"ten_lessons": 2}, "gold")
    assert drafts.of_rule(conn, "ten_lessons") is None
    note = version_notes.notes_of(conn, "ten_lessons")[2]
    assert (note.comment, note.sent_by, note.approved_by) == ("Gold needs more", ADA, GRACE)


def test_nobody_approves_what_they_sent(conn, sent):
    with pytest.raises(EditRefused, match="Whoever sent it"):
        draft_decisions.publish_draft(conn, sent.id, decision_about(sent), ADA)


def test_nothing_goes_live_unsent_while_approval_is_required(conn, golden):
    with pytest.raises(EditRefused, match="sent for approval first"):
        draft_decisions.publish_draft(conn, golden.id, decision_about(golden), GRACE)


def test_one_person_may_publish_where_the_setting_allows_it(conn, golden):
    four_eyes.switch(conn, on=False)
    draft_decisions.publish_draft(conn, golden.id, decision_about(golden), ADA)
    assert tier(conn) == "gold"


def test_an_edit_voids_the_request_for_approval(conn, sent):
    edited = draft_editing.edit(conn, sent.id, sent.revision, set_value("c1", "12"), ADA).draft
    assert review.review_draft(conn, edited).is_voided
    for known in (sent, edited):
        with pytest.raises(EditRefused):
            draft_decisions.publish_draft(conn, sent.id, decision_about(known), GRACE)


def test_undoing_the_edit_brings_the_approval_request_back(conn, sent):
    draft_editing.edit(conn, sent.id, sent.revision, set_value("c1", "12"), ADA)
    undone = draft_editing.undo(conn, sent.id, ADA).draft
    assert review.review_draft(conn, undone).is_waiting
    draft_decisions.publish_draft(conn, sent.id, decision_about(undone), GRACE)


def test_a_returned_draft_says_what_to_change_and_may_be_sent_again(conn, sent):
    draft_decisions.send_back(conn, sent.id, "Why gold?", GRACE)
    returned = review.review_draft(conn, drafts.draft(conn, sent.id))
    assert (returned.sent.decision, returned.sent.reply, returned.is_waiting) == ("returned", "Why gold?", False)
    with pytest.raises(EditRefused):
        draft_decisions.publish_draft(conn, sent.id, decision_about(sent), GRACE)
    draft_decisions.send_for_approval(conn, sent.id, decision_about(sent, "Since it is hard"), ADA)
    assert review.review_draft(conn, drafts.draft(conn, sent.id)).is_waiting


def test_returning_a_draft_needs_a_comment_and_a_waiting_request(conn, golden):
    with pytest.raises(EditRefused, match="what needs to change"):
        draft_decisions.send_back(conn, golden.id, "", GRACE)
    with pytest.raises(EditRefused, match="Nothing is waiting"):
        draft_decisions.send_back(conn, golden.id, "No", GRACE)


def test_a_request_for_approval_can_be_withdrawn(conn, sent):
    draft_decisions.withdraw(conn, sent.id, ADA)
    assert submissions.waiting(conn) == []
    with pytest.raises(EditRefused):
        draft_decisions.withdraw(conn, sent.id, ADA)


def test_a_draft_without_changes_can_be_neither_sent_nor_published(conn, draft):
    four_eyes.switch(conn, on=False)
    for decide in (draft_decisions.send_for_approval, draft_decisions.publish_draft):
        with pytest.raises(EditRefused, match="No changes"):
            decide(conn, draft.id, decision_about(draft), ADA)


def test_a_draft_with_an_error_can_be_neither_sent_nor_published(conn, golden):
    four_eyes.switch(conn, on=False)
    broken = draft_editing.edit(conn, golden.id, golden.revision, {"op": "add_row"}, ADA).draft
    for decide in (draft_decisions.send_for_approval, draft_decisions.publish_draft):
        with pytest.raises(EditRefused, match="1 error"):
            decide(conn, broken.id, decision_about(broken), ADA)


def test_a_failing_test_case_blocks_until_it_passes(conn, golden):
    four_eyes.switch(conn, on=False)
    test_cases.add(conn, golden.key, "Twelve are too few", TWELVE, expected=False, by=ADA)
    with pytest.raises(EditRefused, match="1 of 1 test case fails"):
        draft_decisions.publish_draft(conn, golden.id, decision_about(golden), ADA)
    mended = draft_editing.edit(conn, golden.id, golden.revision, set_value("c1", "13"), ADA).draft
    draft_decisions.publish_draft(conn, golden.id, decision_about(mended), ADA)
    assert tier(conn) == "gold"


def test_documents_must_pass_the_test_cases_too(conn, live):
    test_cases.add(conn, "ten_lessons", "Twelve are too few", TWELVE, expected=False, by=ADA)
    applied = publish.apply_documents(conn, [TEN_LESSONS | {"tier": "gold"}], "key:ci", publish=True)
    assert [problem.message for problem in applied.problems] == ["the test case 'Twelve are too few' fails"]


def test_dates_beside_the_decision_become_part_of_what_is_decided(conn, golden):
    dates = {"starts_at": "2026-12-04T18:00", "ends_at": "2026-12-06T22:00"}
    draft_decisions.send_for_approval(conn, golden.id, decision_about(golden, **dates), ADA)
    waiting = drafts.draft(conn, golden.id)
    assert review.review_draft(conn, waiting).is_waiting
    applied = draft_decisions.publish_draft(conn, golden.id, decision_about(waiting), GRACE)
    assert rule_versions.versions_of(conn, "ten_lessons")[0][1]["starts_at"] == "2026-12-04T18:00:00Z"
    assert (list(applied.scheduled), tier(conn)) == (["ten_lessons"], "silver")


def test_two_who_approve_at_once_publish_once(conn, sent, settings):
    conn.commit()

    def approve(by):
        with connect(settings.database_url) as own:
            try:
                draft_decisions.publish_draft(own, sent.id, decision_about(sent), by)
            except EditRefused as refused:
                return str(refused)
            return "live"

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(
            future.result() for future in [pool.submit(approve, by) for by in (GRACE, "mira@campus.example")]
        )
    assert outcomes == ["This draft no longer exists: it was published or discarded", "live"]
    assert rule_versions.rule(conn, "ten_lessons").latest_version == 2


def test_every_step_is_audited_with_old_and_new_values(conn, sent):
    draft_decisions.publish_draft(conn, sent.id, decision_about(sent, "Fine"), GRACE)
    entries = {entry.action: entry for entry in reversed(audit.entries(conn, subject="ten_lessons"))}
    assert {"draft.begun", "rule.sent_for_approval", "rule.approved", "rule.published"} <= entries.keys()
    for action in ("rule.sent_for_approval", "rule.approved", "rule.published"):
        tiers = entries[action].before["document"]["tier"], entries[action].after["document"]["tier"]
        assert tiers == ("silver", "gold"), action


def test_a_badge_whose_metric_is_only_a_draft_says_which_goes_first(conn, live):
    draft_editing.new_draft(conn, "metric", ADA, LESSONS | {"key": "hours", "name": "Hours"})
    raw = TEN_LESSONS | {"key": "many", "name": "Many", "condition": {">=": [{"var": "metric.hours.total"}, 5]}}
    badge_review = review.review_draft(conn, draft_editing.new_draft(conn, "badge", ADA, raw))
    assert "hours has to go live first" in [gate.text for gate in badge_review.gates]
    assert not badge_review.may_be_sent


def test_engines_that_disagree_about_a_test_case_block_the_review(conn, golden, monkeypatch):
    test_cases.add(conn, golden.key, "Twelve", TWELVE, expected=True, by=ADA)
    assert review.review_draft(conn, golden).agreement.evaluations > 0
    monkeypatch.setattr(publication_gate, "compile_logic", lambda _: CompiledLogic(frozenset(), "", lambda _: False))
    golden_review = review.review_draft(conn, golden)
    assert [gate.state for gate in golden_review.gates if gate.name == "engines"] == ["bad"]
    assert not golden_review.may_be_sent


def test_a_version_that_goes_live_at_the_same_moment_is_not_overwritten(conn, sent, settings):
    conn.commit()
    assert publish.apply_documents(conn, [TEN_LESSONS | {"tier": "bronze"}], "key:ci", publish=True).problems == []

    def approve():
        with connect(settings.database_url) as own, pytest.raises(EditRefused, match="v2 went live over v1"):
            draft_decisions.publish_draft(own, sent.id, decision_about(sent), GRACE)

    with ThreadPoolExecutor(1) as pool:
        approving = pool.submit(approve)
        wait_until_somebody_waits(conn)
        conn.commit()
        approving.result()
    assert tier(conn) == "bronze"


@pytest.mark.parametrize("wrong", [{"past": "yesterday"}, {"comment": "x" * 2_001}, {"starts_at": "soon"}])
def test_a_decision_that_cannot_be_read_is_refused(conn, golden, wrong):
    for decide in (draft_decisions.send_for_approval, draft_decisions.publish_draft):
        with pytest.raises(EditRefused):
            decide(conn, golden.id, decision_about(golden, **wrong), ADA)
    assert submissions.waiting(conn) == []
