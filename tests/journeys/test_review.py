"""A draft that was overtaken, between its author and a publisher, in a real browser: taken over, proved, approved."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.journeys.editing import LINK, PATIENCE, enter
from tests.journeys.laurels import settings_of
from tests.journeys.visiting import violations
from tests.running import RunningLaurel, running_laurel
from webapp.config import Settings
from webapp.services.drafts import draft_editing
from webapp.services.publishing.publish import apply_documents
from webapp.store.rules import rule_versions, test_cases
from webapp.store.system.connection import connect

expect.set_options(timeout=PATIENCE)
RULE = "/rules/strong_finish"
LATER = (datetime.now(UTC) + timedelta(days=30)).replace(hour=8, minute=0)
STRONG = {"event": "assessment_submitted", "facts": {"event.properties.score": 92, "event.properties.weight": 25}}


@dataclass
class School:
    """One Laurel, its author and its publisher."""

    laurel: RunningLaurel
    author: BrowserContext
    publisher: BrowserContext

    def live_document(self) -> dict[str, object]:
        with connect(settings_of(self.laurel).database_url) as conn:
            rule = rule_versions.rule(conn, "strong_finish")
        assert rule is not None
        return rule.document


@pytest.fixture(scope="module")
def school(browser: Browser) -> Iterator[School]:
    with running_laurel(1) as laurel:
        for pack in ("starter", "assessments"):
            laurel.laurel("pack", "install", pack, "--publish")
        overtake(settings_of(laurel))
        people = {name: laurel.laurel("operator", "new", f"{name}@campus.example", "--role", role).stdout
                  for name, role in (("tomas", "author"), ("mira", "publisher"))}  # fmt: skip
        links = [LINK.findall(output)[-1] for output in people.values()]
        school = School(
            laurel, *(enter(browser, laurel, link, viewport={"width": 1280, "height": 900}) for link in links)
        )
        yield school
        school.author.close()
        school.publisher.close()


def overtake(settings: Settings) -> None:
    """A draft that asks for 95 and a test case that it fails; meanwhile a file made the badge platinum."""
    with connect(settings.database_url) as conn:
        draft = draft_editing.open_draft(conn, "strong_finish", "tomas@campus.example")
        assert draft is not None
        test_cases.add(conn, "strong_finish", "A strong one", STRONG, expected=True, by="tomas@campus.example")
        draft_editing.edit(conn, draft.id, draft.revision, {"op": "set_value", "id": "c1", "text": "95"}, "tomas")
        known = rule_versions.rule(conn, "strong_finish")
        assert known is not None
        assert apply_documents(conn, [known.document | {"tier": "platinum"}], "key:ci", publish=True).problems == []
        conn.commit()


def test_an_overtaken_draft_is_merged_tested_sent_approved_and_rolled_back(school):
    author, publisher = school.author.new_page(), school.publisher.new_page()
    take_over(author)
    mend_the_test_case(author)
    send_with_a_date(author)
    approve(publisher)
    assert (school.live_document()["tier"], "starts_at" in school.live_document()) == ("platinum", False)
    call_it_off(publisher)
    return_to_the_first(publisher)
    assert school.live_document()["tier"] == "gold"


def take_over(page: Page) -> None:
    page.goto(f"{RULE}/review")
    expect(page.get_by_text("v2 went live since this draft was started")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("button", name="Take over v2").click()
    expect(page.get_by_text("v2 is still the live version")).to_be_visible()


def mend_the_test_case(page: Page) -> None:
    page.get_by_role("link", name="1 of 1 test case fails").click()
    expect(page.get_by_text("should match, but does not match")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("link", name=re.compile("^Change")).click()
    page.get_by_label("Score").fill("97")
    assert_accessible(page)
    page.get_by_role("button", name="Save test case").click()
    expect(page.get_by_text("1 of 1 pass").first).to_be_visible()


def send_with_a_date(page: Page) -> None:
    page.goto(f"{RULE}/review")
    expect(page.get_by_label("From, UTC")).to_be_hidden()
    page.get_by_text("On dates").click()
    page.get_by_label("From, UTC").fill(f"{LATER:%Y-%m-%dT%H:%M}")
    page.get_by_label("Comment").fill("Stricter from December on")
    page.get_by_role("button", name="Send for approval").click()
    expect(page.get_by_text("Waits for approval", exact=True)).to_be_visible()


def approve(page: Page) -> None:
    page.goto(f"{RULE}/review")
    expect(page.get_by_text("Stricter from December on")).to_be_visible()
    page.get_by_role("button", name="Approve and publish").click()
    expect(page.get_by_text(f"v3 from {LATER:%-d %b %Y, %H:%M} UTC; v2 until then")).to_be_visible()
    assert_accessible(page)


def call_it_off(page: Page) -> None:
    page.get_by_role("button", name="Cancel it").click()
    sheet = page.get_by_role("dialog")
    sheet.get_by_role("button", name="Cancel v3").click()
    expect(page.get_by_text("UTC; v2 until then")).to_be_hidden()
    assert_accessible(page)


def return_to_the_first(page: Page) -> None:
    page.get_by_role("button", name="Return to v1").click()
    sheet = page.get_by_role("dialog", name="Return to v1?")
    sheet.get_by_label("Reason").fill("December is too soon")
    sheet.get_by_role("button", name="Return to v1").click()
    expect(page.get_by_text("v4 has the same content as v1")).to_be_visible()
    expect(page.get_by_text("December is too soon")).to_be_visible()


def assert_accessible(page: Page) -> None:
    assert [(violation["id"], violation["nodes"][0]["html"]) for violation in violations(page)] == []
