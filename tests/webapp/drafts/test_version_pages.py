"""The page of a rule's versions: back to one, on with one, out of use; what waits for its date or its history."""

import pytest

from tests.webapp.drafts.conftest import ADA, set_field
from tests.webapp.drafts.deciding import CASES, REVIEW, VERSIONS, approve, live_tier, send
from tests.webapp.pages.test_every_page import flaws_of
from tests.webapp.rules.documents import LESSON_XP, TEN_LESSONS
from tests.webapp.services.drains import drain, lesson, post
from webapp.services.drafts import draft_editing
from webapp.services.publishing import publish
from webapp.services.publishing.finish_publication import finish_now
from webapp.store.people import four_eyes
from webapp.store.rules import drafts, publication_facts, rule_versions, scheduled_publications

DATE = {"when": "dates", "starts_at": "2099-12-01T09:00"}


def test_a_version_is_returned_to_in_one_step(kept_golden, ada, grace, settings):
    send(ada)
    approve(grace)
    answer = grace.send(f"{VERSIONS}/1/return", VERSIONS, reason="Too shiny")
    assert (answer.status_code, live_tier(settings)) == (303, "silver")
    assert "Too shiny" in grace.open(VERSIONS).text


def test_an_old_version_can_be_edited_as_a_draft(kept_golden, ada, conn):
    assert ada.send(f"{VERSIONS}/1/draft", CASES).location.endswith("/edit")
    assert drafts.of_rule(conn, "ten_lessons").document["tier"] == "silver"


def test_a_rule_that_others_depend_on_is_not_archived(live, grace, conn):
    answer = grace.send("/rules/lessons/archiving", "/rules/lessons/versions")
    assert (answer.status_code, "needed by Ten Lessons" in answer.text) == (422, True)
    grace.send("/rules/ten_lessons/archiving", VERSIONS)
    assert rule_versions.rule(conn, "ten_lessons").status == "archived"


def test_a_copy_opens_as_a_draft_of_its_own(live, ada, conn):
    ada.send("/rules/ten_lessons/copy", VERSIONS)
    assert drafts.of_rule(conn, "ten_lessons_copy").document["name"] == "Ten Lessons (copy)"


def test_a_rule_that_others_depend_on_is_not_paused_and_the_page_says_which(live, grace, conn):
    grace.send("/rules/lessons/pause", "/rules/lessons/versions")
    assert "needed by Ten Lessons" in grace.open("/rules/lessons/versions").text
    assert rule_versions.rule(conn, "lessons").status == "live"


def test_a_rule_that_no_longer_fits_is_not_resumed_and_the_page_says_why(live, grace, conn):
    for key in ("ten_lessons", "lessons"):
        grace.send(f"/rules/{key}/pause", f"/rules/{key}/versions")
    grace.send("/rules/ten_lessons/resumption", VERSIONS)
    assert "no longer fits the live rules" in grace.open(VERSIONS).text
    assert rule_versions.rule(conn, "ten_lessons").status == "paused"


def test_the_page_says_how_many_events_a_pause_will_judge_otherwise(live, grace, settings):
    post(settings, [lesson(1), lesson(2), lesson(3)])
    assert "3 events wait now and will be judged without it" in grace.open(VERSIONS).text


def test_a_metric_goes_live_once_its_history_is_counted_and_the_page_says_how_far(live, grace, settings, conn):
    four_eyes.switch(conn, on=False)
    draft = draft_editing.open_draft(conn, "lessons", ADA)
    draft_editing.edit(conn, draft.id, draft.revision, set_field("/aggregate", "sum"), ADA)
    draft_editing.edit(conn, draft.id, draft.revision, set_field("/property", "score"), ADA)
    conn.commit()
    post(settings, [lesson(1)])
    drain(settings)
    assert approve(grace, "/rules/lessons").status_code == 303
    assert "Counting history…" in grace.open("/rules/lessons/versions").text
    finish_now(settings, publication_facts.last_publication_of(conn, "lessons")["id"])
    assert "the rule is live" in grace.open("/rules/lessons/publication").text
    assert rule_versions.rule(conn, "lessons").document["aggregate"] == "sum"


def test_history_is_awarded_if_the_sender_requested_it(live, ada, grace, settings, conn):
    five = TEN_LESSONS | {"key": "five", "name": "Five", "condition": {">=": [{"var": "metric.lessons.total"}, 5]}}
    draft_editing.new_draft(conn, "badge", ADA, five)
    conn.commit()
    post(settings, [lesson(number) for number in range(7)])
    drain(settings)
    send(ada, "/rules/five", past="award")
    assert "award history and notify players" in grace.open("/rules/five/review").text
    approve(grace, "/rules/five", past="from_now")
    finish_now(settings, publication_facts.last_publication_of(conn, "five")["id"])
    assert "Awarded from history: 1" in grace.open("/rules/five/publication").text


@pytest.fixture
def golden_later(kept_golden, ada, grace):
    """Gold from December 2099 on, approved."""
    send(ada, **DATE)
    return approve(grace)


def test_a_date_in_the_future_leaves_what_is_live_until_then_and_every_page_says_so(golden_later, grace, settings):
    assert (golden_later.status_code, live_tier(settings)) == (303, "silver")
    for address in (VERSIONS, "/rules/ten_lessons"):
        assert "v2 from 1 Dec 2099, 09:00 UTC; v1 until then" in grace.open(address).text, address
        assert flaws_of(grace.open(address)) == []
    assert "Live, v2 from 1 Dec" in grace.open("/rules?status=scheduled").text


@pytest.mark.parametrize("document", [LESSON_XP, TEN_LESSONS], ids=lambda document: document["kind"])
def test_a_rule_that_starts_later_is_scheduled_on_every_page(live, grace, conn, document):
    four_eyes.switch(conn, on=False)
    draft_editing.new_draft(conn, document["kind"], ADA, document | {"key": "later", "name": "Later"})
    conn.commit()
    key = drafts.all_drafts(conn)[0].key
    assert approve(grace, f"/rules/{key}", **DATE).status_code == 303
    assert "v1 is published and starts on 1 Dec 2099" in grace.open(f"/rules/{key}/versions").text
    for page in ("", "/versions", "/edit"):
        text = grace.open(f"/rules/{key}{page}").text
        assert ("Scheduled, 1 Dec" in text, "Live · v1" in text) == (True, False), page


def test_the_review_promises_what_will_happen(kept_golden, ada, grace):
    send(ada, **DATE)
    assert "v1 stays live until then" in grace.open(REVIEW).text


def test_only_a_publisher_cancels_it(golden_later, ada, grace, conn):
    away = "/rules/ten_lessons/schedule/withdrawal"
    assert ada.send(away, VERSIONS).status_code == 403
    assert (grace.send(away, VERSIONS).status_code, scheduled_publications.of_rule(conn, "ten_lessons")) == (303, None)
    assert grace.send(away, VERSIONS).status_code == 422
    assert "until then" not in grace.open(VERSIONS).text


def test_obstacles_are_reported_before_its_date(golden_later, grace, conn):
    publish.pause(conn, "ten_lessons", ADA)
    conn.commit()
    assert "v2 waits: the rule is paused" in grace.open("/rules/ten_lessons").text


def test_a_new_draft_says_what_is_scheduled(golden_later, ada, conn):
    draft_editing.edit(conn, draft_editing.open_draft(conn, "ten_lessons", ADA).id, 0, set_field("/name", "Ten"), ADA)
    conn.commit()
    assert "v2 waits for 1 Dec 2099" in ada.open(REVIEW).text


def test_a_resumed_metric_shows_that_its_history_is_counted(live, grace, settings, conn):
    publish.pause(conn, "ten_lessons", ADA)
    publish.pause(conn, "lessons", ADA)
    conn.commit()
    post(settings, [lesson(1)])
    drain(settings)
    grace.send("/rules/lessons/resumption", "/rules/lessons")
    for address in ("/rules/lessons", "/rules/lessons/versions", "/rules?status=counting"):
        assert "Counting history…" in grace.open(address).text, address
    assert "is live again" not in grace.open("/rules/lessons").text
    finish_now(settings, publication_facts.last_publication_of(conn, "lessons")["id"])
    assert "Counting history…" not in grace.open("/rules/lessons").text


def test_without_a_draft_the_review_shows_what_is_scheduled(golden_later, ada):
    page = ada.open(REVIEW).text
    assert ("Review: v1 → v2" in page, "v2 from 1 Dec 2099" in page, "there is no newer draft" in page) == (
        True,
        True,
        True,
    )
    assert flaws_of(ada.open(REVIEW)) == []


def test_the_review_says_what_dates_and_history_mean_for_its_kind(live, grace, conn):
    for key in ("lessons", "ten_lessons"):
        draft = draft_editing.open_draft(conn, key, ADA)
        draft_editing.edit(conn, draft.id, draft.revision, set_field("/description", "Other words"), ADA)
    conn.commit()
    metric, badge = (grace.open(f"/rules/{key}/review").text for key in ("lessons", "ten_lessons"))
    assert ("Only events between these dates are counted" in metric, "stays live until" in metric) == (True, False)
    assert ("nobody gets it twice" in badge, "v1 stays live until this version starts" in badge) == (True, True)
