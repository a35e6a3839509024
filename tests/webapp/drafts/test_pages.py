"""The pages from a draft to a live rule, without JavaScript: what they show, what they refuse, and to whom."""

import re

import pytest

from rules_library import packs, weekend
from tests.webapp.drafts.conftest import ADA, set_field, set_value
from tests.webapp.jobs.drains import drain, lesson, post
from tests.webapp.pages.test_every_page import flaws_of
from tests.webapp.rules.documents import TEN_LESSONS
from webapp import clock
from webapp.jobs import backtest, drafting
from webapp.jobs.backtest import Asked
from webapp.jobs.publication import finish
from webapp.jobs.publish import apply_documents
from webapp.store import audit, drafts, four_eyes, publications, rules, submissions, test_cases, work
from webapp.store.connection import connect

RULE = "/rules/ten_lessons"
REVIEW, VERSIONS, CASES = "/rules/ten_lessons/review", "/rules/ten_lessons/versions", "/rules/ten_lessons/cases"
SUBMISSION = "/rules/ten_lessons/submission"
TWELVE = {"event": "lesson_completed", "facts": {"metric.lessons.total": 12}}


@pytest.fixture
def golden(conn, draft):
    """The draft, gold instead of silver, committed; with a test case that passes."""
    test_cases.add(conn, draft.key, "Twelve lessons", TWELVE, expected=True, by=ADA)
    after = drafting.edit(conn, draft.id, draft.revision, set_field("/tier", "gold"), ADA).draft
    conn.commit()
    return after


@pytest.fixture
def ada(enter):
    return enter("ada", "author")


@pytest.fixture
def grace(enter):
    return enter("grace", "publisher")


def hash_on(browser, rule=RULE):
    return re.search(r'name="hash" value="([0-9a-f]+)"', browser.open(f"{rule}/review").text)[1]


def send(browser, rule=RULE, **fields):
    given = {"hash": hash_on(browser, rule), "comment": "Gold it is"} | fields
    return browser.send(f"{rule}/submission", f"{rule}/review", **given)


def approve(browser, rule=RULE, **fields):
    given = {"hash": hash_on(browser, rule), "comment": "Fine"} | fields
    return browser.send(f"{rule}/publication", f"{rule}/review", **given)


def live_tier(settings):
    with connect(settings.database_url) as conn:
        return rules.rule(conn, "ten_lessons").document["tier"]


def test_every_page_of_a_rule_is_well_made(golden, enter):
    browser = enter("mira", "admin")
    pages = (REVIEW, VERSIONS, CASES, f"{CASES}/new", f"{CASES}/1", "/rules/lessons/review", "/rules/lesson_xp/cases")
    assert {address: flaws for address in pages if (flaws := flaws_of(browser.open(address)))} == {}


def test_the_review_shows_what_changes_and_what_it_takes(golden, ada):
    page = ada.open(REVIEW).text
    assert "Review: v1 → v2" in page
    assert ("<del>silver</del>" in page, "<ins>gold</ins>" in page) == (True, True)
    for gate in (
        "No errors",
        "1 of 1 test case passes",
        "Both engines agree",
        "v1 has not moved",
        "Approved by somebody",
    ):
        assert gate in page, gate


def test_an_author_sends_and_a_publisher_approves(golden, ada, grace, settings):
    assert send(ada).location == REVIEW
    assert "Waits for approval" in ada.open(REVIEW).text
    assert "Approve and publish" in grace.open(REVIEW).text
    answer = approve(grace)
    assert (answer.status_code, answer.location, live_tier(settings)) == (303, VERSIONS, "gold")
    page = grace.open(VERSIONS).text
    assert ("Gold it is" in page, "approved by grace" in page) == (True, True)


def test_a_publisher_cannot_approve_what_they_sent(golden, grace, settings):
    send(grace)
    assert "Approve and publish" not in grace.open(REVIEW).text
    answer = approve(grace)
    assert (answer.status_code, live_tier(settings)) == (422, "silver")
    assert "Whoever sent it cannot approve it" in answer.text


def test_with_four_eyes_switched_off_one_person_publishes(golden, grace, conn, settings):
    four_eyes.switch(conn, on=False)
    conn.commit()
    assert "Approved by somebody else" not in grace.open(REVIEW).text
    approve(grace)
    assert live_tier(settings) == "gold"


def test_approving_what_was_edited_meanwhile_is_refused_and_the_page_says_why(golden, ada, grace, conn, settings):
    send(ada)
    seen = hash_on(grace)
    drafting.edit(conn, golden.id, 0, set_value("c1", "11"), ADA)
    conn.commit()
    answer = approve(grace, hash=seen)
    assert (answer.status_code, live_tier(settings)) == (422, "silver")
    assert ("changed this draft meanwhile" in answer.text, "An edit voided what was sent" in answer.text) == (
        True,
        True,
    )
    since = grace.open(f"{REVIEW}?since=sent").text
    assert ("<del>10</del>" in since, "silver" in since) == (True, False)


def test_what_is_sent_back_shows_its_author_why(golden, ada, grace):
    send(ada)
    grace.send(f"{SUBMISSION}/return", REVIEW, comment="Why gold?")
    page = ada.open(REVIEW).text
    assert ("Sent back by grace" in page, "Why gold?" in page) == (True, True)
    homes = ["Ten Lessons was sent back to you" in each.open("/home/care").text for each in (ada, grace)]
    send(ada)
    assert (homes, "sent back" in ada.open("/home/care").text) == ([True, False], False)


def test_a_comment_survives_a_refusal(golden, ada, conn):
    drafting.edit(conn, golden.id, 0, {"op": "add_row"}, ADA)
    conn.commit()
    answer = send(ada)
    assert answer.status_code == 422
    assert ("1 error" in answer.text, "Gold it is</textarea>" in answer.text) == (True, True)


def test_dates_are_taken_with_the_decision(golden, ada, conn):
    send(ada, when="dates", starts_at="2026-12-04T18:00", ends_at="")
    (waiting,) = submissions.waiting(conn)
    assert waiting.document["starts_at"] == "2026-12-04T18:00:00Z"
    assert "from 2026-12-04 18:00" in ada.open(REVIEW).text


def test_a_draft_is_thrown_away_and_nothing_else(golden, ada, conn, settings):
    ada.send("/rules/ten_lessons/draft/discarding", REVIEW)
    assert (drafts.of_rule(conn, "ten_lessons"), live_tier(settings)) == (None, "silver")


def test_a_version_is_returned_to_in_one_step(golden, ada, grace, settings):
    send(ada)
    approve(grace)
    answer = grace.send(f"{VERSIONS}/1/return", VERSIONS, reason="Too shiny")
    assert (answer.status_code, live_tier(settings)) == (303, "silver")
    assert "Too shiny" in grace.open(VERSIONS).text


def test_an_old_version_can_be_edited_as_a_draft(golden, ada, conn):
    assert ada.send(f"{VERSIONS}/1/draft", CASES).location.endswith("/edit")
    assert drafts.of_rule(conn, "ten_lessons").document["tier"] == "silver"


def test_a_rule_that_others_need_is_not_archived(live, grace, conn):
    answer = grace.send("/rules/lessons/archiving", "/rules/lessons/versions")
    assert (answer.status_code, "needed by ten_lessons" in answer.text) == (422, True)
    grace.send("/rules/ten_lessons/archiving", VERSIONS)
    assert rules.rule(conn, "ten_lessons").status == "archived"


def test_a_copy_opens_as_a_draft_of_its_own(live, ada, conn):
    ada.send("/rules/ten_lessons/copy", VERSIONS)
    assert drafts.of_rule(conn, "ten_lessons_copy").document["name"] == "Ten Lessons (copy)"


@pytest.mark.parametrize(
    ("role", "path", "allowed"),
    [
        ("viewer", "submission", False),
        ("viewer", "publication", False),
        ("viewer", "cases", False),
        ("viewer", "draft/discarding", False),
        ("author", "publication", False),
        ("author", "submission/return", False),
        ("author", "versions/1/return", False),
        ("author", "archiving", False),
        ("author", "takeover", True),
        ("author", "cases", True),
        ("author", "copy", True),
        ("publisher", "publication", True),
        ("publisher", "submission/return", True),
        ("publisher", "versions/1/return", True),
    ],
)
def test_each_role_does_what_is_its_own(golden, enter, role, path, allowed):
    browser = enter("mira", role)
    answer = browser.send(f"/rules/ten_lessons/{path}", "/account")
    assert (answer.status_code != 403) is allowed


def test_whoever_only_looks_sees_no_buttons_that_refuse(golden, enter):
    viewer = enter("mira", "viewer")
    for address in (REVIEW, VERSIONS, CASES):
        assert 'method="post"' not in viewer.open(address).text.partition("<main")[2], address


def test_unknown_rules_have_no_pages(live, ada):
    for address in ("/rules/none/review", "/rules/none/versions", "/rules/none/cases"):
        assert ada.open(address).status_code == 404


def test_an_admin_switches_the_second_person_off_and_it_is_written_down(live, enter, conn):
    admin = enter("mira", "admin")
    assert "Let one person publish" in admin.open("/operators").text
    admin.send("/operators/four-eyes", "/operators", on="no")
    assert not four_eyes.is_on(conn)
    (entry,) = [each for each in audit.entries(conn) if each.action == "four_eyes.switched"]
    assert (entry.before, entry.after) == ({"on": True}, {"on": False})
    assert enter("grace", "publisher").send("/operators/four-eyes", "/account", on="no").status_code == 403


def test_a_rule_that_others_need_is_not_paused_and_the_page_says_who(live, grace, conn):
    grace.send("/rules/lessons/pause", "/rules/lessons/versions")
    assert "needed by ten_lessons" in grace.open("/rules/lessons/versions").text
    assert rules.rule(conn, "lessons").status == "live"


def test_a_rule_that_no_longer_fits_is_not_resumed_and_the_page_says_why(live, grace, conn):
    for key in ("ten_lessons", "lessons"):
        grace.send(f"/rules/{key}/pause", f"/rules/{key}/versions")
    grace.send("/rules/ten_lessons/resumption", VERSIONS)
    assert "no longer fits what is live" in grace.open(VERSIONS).text
    assert rules.rule(conn, "ten_lessons").status == "paused"


def test_the_page_says_how_many_events_a_pause_will_judge_otherwise(live, grace, settings):
    post(settings, [lesson(1), lesson(2), lesson(3)])
    assert "3 events that wait now will be judged without it" in grace.open(VERSIONS).text


def test_a_metric_goes_live_once_its_history_is_counted_and_the_page_says_how_far(live, grace, settings, conn):
    four_eyes.switch(conn, on=False)
    draft = drafting.open_draft(conn, "lessons", ADA)
    drafting.edit(conn, draft.id, draft.revision, set_field("/aggregate", "sum"), ADA)
    drafting.edit(conn, draft.id, draft.revision, set_field("/property", "score"), ADA)
    conn.commit()
    post(settings, [lesson(1)])
    drain(settings)
    assert approve(grace, "/rules/lessons").status_code == 303
    assert "Counting history…" in grace.open("/rules/lessons/versions").text
    finish(settings, publications.last_of(conn, "lessons")["id"])
    assert "it is live" in grace.open("/rules/lessons/publication").text
    assert rules.rule(conn, "lessons").document["aggregate"] == "sum"


def test_history_is_awarded_where_the_sender_wished_it(live, ada, grace, settings, conn):
    five = TEN_LESSONS | {"key": "five", "name": "Five", "condition": {">=": [{"var": "metric.lessons.total"}, 5]}}
    drafting.new_draft(conn, "badge", ADA, five)
    conn.commit()
    post(settings, [lesson(number) for number in range(7)])
    drain(settings)
    send(ada, "/rules/five", past="award")
    assert "award history and tell" in grace.open("/rules/five/review").text
    approve(grace, "/rules/five", past="from_now")
    finish(settings, publications.last_of(conn, "five")["id"])
    assert "Awarded from history: 1" in grace.open("/rules/five/publication").text


def test_every_kind_of_rule_can_be_reviewed_changed_and_published(enter, conn):
    """Each document of the packs and of the demo's campaign, with nothing but another description."""
    four_eyes.switch(conn, on=False)
    for documents in (*(list(pack.documents) for pack in packs()), weekend.documents(clock.now())):
        assert apply_documents(conn, documents, "test", publish=True).problems == []
    keys = {each.kind: each.key for each in rules.all_rules(conn)}
    for key in keys.values():
        draft = drafting.open_draft(conn, key, ADA)
        drafting.edit(conn, draft.id, draft.revision, set_field("/description", "Other words"), ADA)
    conn.commit()
    grace, told = enter("grace", "publisher"), {}
    for kind, key in keys.items():
        pages = [
            grace.open(f"/rules/{key}/{page}").status_code for page in ("review", "cases", "cases/new", "versions")
        ]
        told[kind] = (*pages, approve(grace, f"/rules/{key}").status_code)
    assert told == dict.fromkeys(keys, (200, 200, 200, 200, 303))
    assert len(keys) >= 13


def test_the_build_page_says_that_it_waits_and_that_an_edit_took_it_back(golden, ada, conn):
    send(ada)
    assert "Waits for approval" in ada.open("/rules/ten_lessons/edit").text
    drafting.edit(conn, golden.id, 0, set_value("c1", "11"), ADA)
    conn.commit()
    assert "/rules/ten_lessons/review?since=sent" in ada.open("/rules/ten_lessons/edit").text


def test_the_review_shows_what_the_backtest_of_this_content_found(golden, ada, conn, settings):
    post(settings, [lesson(number) for number in range(12)])
    drain(settings)
    job = backtest.start(conn, Asked(drafting.document_of(golden), None, golden.hash.hex(), None), ADA)
    taken = work.take(conn, job)
    conn.commit()
    work.finish(conn, job, backtest.run_job(settings, taken))
    conn.commit()
    page = ada.open(REVIEW).text
    assert ("12 events" in page, "what the draft said before" in page) == (True, False)
    drafting.edit(conn, golden.id, 0, set_value("c1", "11"), ADA)
    conn.commit()
    assert "what the draft said before" in ada.open(REVIEW).text


def test_whoever_only_looks_meets_no_link_that_refuses(golden, enter):
    viewer = enter("mira", "viewer")
    for address in (REVIEW, VERSIONS, CASES):
        main = viewer.open(address).text.partition("<main")[2]
        links = {link.partition("#")[0] for link in re.findall(r'<a [^>]*href="(/[^"]*)"', main)}
        assert {link for link in links if viewer.open(link).status_code == 403} == set(), address
