"""The review of a draft, without JavaScript: what it shows, what it refuses and why, from sent to live."""

from rules_library import packs, weekend
from tests.webapp.drafts.conftest import ADA, set_field, set_value
from tests.webapp.drafts.deciding import CASES, REVIEW, SUBMISSION, VERSIONS, approve, hash_on, live_tier, send
from tests.webapp.pages.test_every_page import flaws_of
from tests.webapp.services.drains import drain, lesson, post
from webapp.runtime import clock
from webapp.services.backtest import backtest_job
from webapp.services.backtest.backtest_job import BacktestRequest
from webapp.services.drafts import draft_editing
from webapp.services.publishing.publish import apply_documents
from webapp.store.people import four_eyes
from webapp.store.rules import drafts, rule_versions, submissions
from webapp.store.system import slow_job_rows


def test_every_page_of_a_rule_is_well_made(kept_golden, enter):
    browser = enter("mira", "admin")
    pages = (
        REVIEW,
        VERSIONS,
        CASES,
        f"{CASES}/new",
        f"{CASES}/1",
        "/rules/lessons/review",
        "/rules/lesson_xp/cases",
    )
    assert {address: flaws for address in pages if (flaws := flaws_of(browser.open(address)))} == {}


def test_the_review_shows_the_changes_and_what_is_still_missing(kept_golden, ada):
    page = ada.open(REVIEW).text
    assert "Review: v1 → v2" in page
    assert ("<del>silver</del>" in page, "<ins>gold</ins>" in page) == (True, True)
    for gate in (
        "No errors",
        "1 of 1 test case passes",
        "Both engines agree",
        "v1 is still the live version",
        "Approved by somebody",
    ):
        assert gate in page, gate


def test_an_author_sends_and_a_publisher_approves(kept_golden, ada, grace, settings):
    assert send(ada).location == REVIEW
    assert "Waits for approval" in ada.open(REVIEW).text
    assert "Approve and publish" in grace.open(REVIEW).text
    answer = approve(grace)
    assert (answer.status_code, answer.location, live_tier(settings)) == (303, VERSIONS, "gold")
    page = grace.open(VERSIONS).text
    assert ("Gold it is" in page, "approved by grace" in page) == (True, True)


def test_a_publisher_cannot_approve_what_they_sent(kept_golden, grace, settings):
    send(grace)
    assert "Approve and publish" not in grace.open(REVIEW).text
    answer = approve(grace)
    assert (answer.status_code, live_tier(settings)) == (422, "silver")
    assert "Whoever sent it cannot approve it" in answer.text


def test_with_four_eyes_switched_off_one_person_publishes(kept_golden, grace, conn, settings):
    four_eyes.switch(conn, on=False)
    conn.commit()
    assert "Approved by somebody else" not in grace.open(REVIEW).text
    approve(grace)
    assert live_tier(settings) == "gold"


def test_approving_a_draft_edited_in_the_meantime_is_refused_and_the_page_says_why(
    kept_golden, ada, grace, conn, settings
):
    send(ada)
    seen_hash = hash_on(grace)
    draft_editing.edit(conn, kept_golden.id, 0, set_value("c1", "11"), ADA)
    conn.commit()
    answer = approve(grace, hash=seen_hash)
    assert (answer.status_code, live_tier(settings)) == (422, "silver")
    assert (
        "changed this draft in the meantime" in answer.text,
        "An edit voided the approval request" in answer.text,
    ) == (
        True,
        True,
    )
    since = grace.open(f"{REVIEW}?since=sent").text
    assert ("<del>10</del>" in since, "silver" in since) == (True, False)


def test_a_returned_draft_shows_its_author_why(kept_golden, ada, grace):
    send(ada)
    grace.send(f"{SUBMISSION}/return", REVIEW, comment="Why gold?")
    page = ada.open(REVIEW).text
    assert ("Sent back by grace" in page, "Why gold?" in page) == (True, True)
    homes = ["Ten Lessons was sent back to you" in browser.open("/home/care").text for browser in (ada, grace)]
    send(ada)
    assert (homes, "sent back" in ada.open("/home/care").text) == ([True, False], False)


def test_a_comment_survives_a_refusal(kept_golden, ada, conn):
    draft_editing.edit(conn, kept_golden.id, 0, {"op": "add_row"}, ADA)
    conn.commit()
    answer = send(ada)
    assert answer.status_code == 422
    assert ("1 error" in answer.text, "Gold it is</textarea>" in answer.text) == (True, True)


def test_dates_are_saved_with_the_decision(kept_golden, ada, conn):
    send(ada, when="dates", starts_at="2026-12-04T18:00", ends_at="")
    (waiting,) = submissions.waiting(conn)
    assert waiting.document["starts_at"] == "2026-12-04T18:00:00Z"
    assert "from 2026-12-04 18:00" in ada.open(REVIEW).text


def test_discarding_a_draft_removes_nothing_else(kept_golden, ada, conn, settings):
    ada.send("/rules/ten_lessons/draft/discarding", REVIEW, confirmed="ten_lessons")
    assert (drafts.of_rule(conn, "ten_lessons"), live_tier(settings)) == (None, "silver")


def test_every_kind_of_rule_can_be_reviewed_changed_and_published(enter, conn):
    """Each document of the packs and of the demo's campaign, with nothing but another description."""
    four_eyes.switch(conn, on=False)
    for documents in (*(list(pack.documents) for pack in packs()), weekend.documents(clock.now())):
        assert apply_documents(conn, documents, "test", publish=True).problems == []
    keys = {rule.kind: rule.key for rule in rule_versions.all_rules(conn)}
    for key in keys.values():
        draft = draft_editing.open_draft(conn, key, ADA)
        draft_editing.edit(conn, draft.id, draft.revision, set_field("/description", "Other words"), ADA)
    conn.commit()
    grace, statuses = enter("grace", "publisher"), {}
    for kind, key in keys.items():
        pages = [
            grace.open(f"/rules/{key}/{page}").status_code for page in ("review", "cases", "cases/new", "versions")
        ]
        statuses[kind] = (*pages, approve(grace, f"/rules/{key}").status_code)
    assert statuses == dict.fromkeys(keys, (200, 200, 200, 200, 303))
    assert len(keys) >= 13


def test_the_build_page_says_that_the_draft_waits_and_that_an_edit_withdrew_it(kept_golden, ada, conn):
    send(ada)
    assert "Waits for approval" in ada.open("/rules/ten_lessons/edit").text
    draft_editing.edit(conn, kept_golden.id, 0, set_value("c1", "11"), ADA)
    conn.commit()
    assert "/rules/ten_lessons/review?since=sent" in ada.open("/rules/ten_lessons/edit").text


def test_the_review_shows_what_the_backtest_of_this_content_found(kept_golden, ada, conn, settings):
    post(settings, [lesson(number) for number in range(12)])
    drain(settings)
    job = backtest_job.start(
        conn, BacktestRequest(draft_editing.document_of(kept_golden), None, kept_golden.hash.hex(), None), ADA
    )
    taken_job = slow_job_rows.take(conn, job)
    conn.commit()
    slow_job_rows.finish(conn, job, backtest_job.run_job(settings, taken_job))
    conn.commit()
    page = ada.open(REVIEW).text
    assert ("12 events" in page, "what the draft said before" in page) == (True, False)
    draft_editing.edit(conn, kept_golden.id, 0, set_value("c1", "11"), ADA)
    conn.commit()
    assert "from an earlier version of the draft" in ada.open(REVIEW).text
