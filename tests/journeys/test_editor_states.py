"""Every state of the editor in a real browser: what is typed survives, two people lose nothing, all is accessible."""

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys import editing_by_mouse as by_mouse
from tests.journeys.editing import LINK, PATIENCE, enter
from tests.journeys.visiting import VIEWS, Watched, pages_of
from tests.running import RunningLaurel, running_laurel

expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="module")
def laurel() -> Iterator[RunningLaurel]:
    with running_laurel(1) as laurel:
        for pack in ("starter", "assessments"):
            laurel.laurel("pack", "install", pack, "--publish")
        yield laurel


@pytest.fixture(scope="module")
def signed_in(browser: Browser, laurel: RunningLaurel) -> Any:
    with enter(browser, laurel, LINK.findall(laurel.log.read_text())[-1]) as context:
        return context.storage_state()


@pytest.fixture
def visit(browser: Browser, laurel: RunningLaurel, signed_in: Any) -> Iterator[Callable[..., Page]]:
    """Open a page signed in: `visit("/rules/new-rule", color_scheme="dark")`."""
    with pages_of(browser, laurel, signed_in) as visit:
        yield visit


def begun(page: Page, kind: str) -> Page:
    page.goto("/rules/new-rule")
    page.get_by_role("button", name=re.compile(f"^{kind} ")).first.click()
    page.wait_for_url("**/edit*")
    return page


def test_text_typed_while_an_answer_arrives_keeps_its_focus_and_caret(visit):
    page = begun(visit("/"), "Badge")
    page.get_by_role("button", name="Condition", exact=True).click()
    by_mouse.fill(page, "1", "XP", "1")
    page.route("**/edit", lambda route: (page.wait_for_timeout(800), route.continue_())[1])
    value = by_mouse.condition(page, "1").get_by_label("Value")
    value.press("End")
    for digit in "2345":
        page.keyboard.press(digit)
        page.wait_for_timeout(450)
    by_mouse.settle(page)
    expect(value).to_be_focused()
    expect(value).to_have_value("12345")
    expect(page.locator("#sentence")).to_contain_text(re.compile(r"at least 12.345"))


def test_the_list_of_facts_invents_nothing_and_says_when_it_has_nothing(visit):
    page = begun(visit("/"), "Metric")
    page.get_by_role("button", name="Condition", exact=True).click()
    search = page.get_by_label("Search facts")
    picks = page.locator("#picks-place")
    page.locator("#c1-fact").press("Enter")
    search.fill("hour")
    expect(picks).to_contain_text("Hour of the day is not available in a metric")
    expect(picks.locator("[aria-selected=true]")).to_have_count(0)
    search.press("Enter")
    expect(search).to_be_visible()
    search.fill("no such thing")
    expect(picks.get_by_text("No fact has a name like this.")).to_be_visible()
    search.press("ArrowDown")
    search.fill("hour")
    search.press("ArrowDown")
    search.press("Enter")
    expect(page.locator("#c1-fact")).to_have_attribute("data-path", "event.properties.hour")


def test_the_list_of_facts_takes_any_number_of_days(visit):
    page = begun(visit("/"), "Badge")
    page.get_by_role("button", name="Condition", exact=True).click()
    page.locator("#c1-fact").press("Enter")
    page.get_by_label("Search facts").fill("last 14 days")
    expect(page.locator("#picks-place [aria-selected=true]")).to_contain_text("in the last 14 days")
    page.get_by_label("Search facts").press("Enter")
    expect(page.locator("#c1-days")).to_have_value("14")


def test_a_refused_text_stays_until_it_is_fixed_whatever_else_is_edited(visit):
    page = begun(visit("/"), "Badge")
    page.get_by_role("button", name="Condition", exact=True).click()
    by_mouse.fill(page, "1", "XP", "many")
    expect(page.locator("#c1-mistakes")).to_contain_text("many is not a number")
    page.get_by_label("How often").select_option("day")
    by_mouse.settle(page)
    expect(by_mouse.condition(page, "1").get_by_label("Value")).to_have_value("many")
    by_mouse.condition(page, "1").get_by_label("Value").fill("70")
    expect(page.locator("#c1-mistakes")).to_have_count(0)


def test_a_link_waits_until_the_last_typed_text_is_saved(visit):
    page = begun(visit("/"), "Badge")
    page.locator("#field-description").fill("Typed at the very last moment")
    page.get_by_role("link", name="Review and publish").click()
    page.wait_for_url("**/review")
    page.goto(page.url.replace("/review", "/edit"))
    expect(page.locator("#field-description")).to_have_value("Typed at the very last moment")


def test_text_typed_while_offline_is_reported_kept_and_sent_later(visit):
    page = begun(visit("/"), "Badge")
    page.route("**/edit", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    page.locator("#field-description").fill("Nobody hears me")
    expect(page.locator("#saved")).to_contain_text("What you typed is kept")
    page.unroute("**/edit")
    expect(page.locator("#saved")).to_contain_text("Draft saved")
    page.reload()
    expect(page.locator("#field-description")).to_have_value("Nobody hears me")


def test_two_people_see_each_other_and_lose_nothing(laurel, browser, visit):
    invited = laurel.laurel("operator", "new", "grace@campus.example", "--role", "author").stdout
    page = begun(visit("/"), "Badge")
    page.get_by_role("button", name="Condition", exact=True).click()
    by_mouse.fill(page, "1", "XP", "10")
    with enter(browser, laurel, LINK.findall(invited)[-1]) as context:
        second_page = context.new_page()
        second_page.goto(page.url)
        second_page.locator("#root-add").click()
        by_mouse.fill(second_page, "2", "Coins", "20")
        second_page.locator("#c2-value").focus()
        expect(page.locator("#present")).to_contain_text("grace is editing condition 2")
        expect(page.locator("#others")).to_contain_text("condition 2 to coins is at least 20")
        assert_shown_beside_the_form(page)
        by_mouse.condition(page, "1").get_by_label("Value").fill("11")
        expect(second_page.locator("#c1-value")).to_have_value("11")
        expect(page.locator("#c2-value")).to_have_value("20")


def assert_shown_beside_the_form(page: Page) -> None:
    """The notice pushes nothing away, and is closed by its button until somebody changes something again."""
    by_mouse.settle(page)
    before = page.locator("#c1-value").bounding_box()
    page.get_by_role("button", name="Got it").click()
    expect(page.locator("#others")).to_have_count(0)
    assert page.locator("#c1-value").bounding_box() == before


def test_a_group_folds_to_its_sentence_by_mouse_and_keys_and_stays_folded_over_edits(visit):
    page = begun(visit("/"), "Badge")
    page.get_by_role("button", name="Group", exact=True).click()
    by_mouse.fill(page, "1.1", "XP", "10")
    page.get_by_role("button", name="Collapse group 1 into a sentence").click()
    folded = page.get_by_role("button", name="Expand group 1: XP is at least 10")
    expect(folded).to_be_focused()
    page.locator("#field-description").fill("Edited meanwhile")
    by_mouse.settle(page)
    page.reload()
    expect(page.locator("#c2-fact")).to_be_hidden()
    folded.focus()
    page.keyboard.press("Control+g")
    expect(page.locator("#c2-value")).to_have_value("10")
    expect(page.locator("#c1-fold")).to_be_focused()
    page.locator("#c2-fact").focus()
    page.keyboard.press("Control+g")
    expect(folded).to_be_focused()


def folded(page: Page) -> None:
    begun(page, "Badge").get_by_role("button", name="Group", exact=True).click()
    page.locator("#c1-fold").click()
    expect(page.locator("#c1-fold[aria-expanded=false]")).to_be_visible()


STATES: dict[str, Callable[[Page], object]] = {
    "the kinds": lambda page: page.goto("/rules/new-rule"),
    "a live rule": lambda page: page.goto("/rules/strong_finish/edit"),
    "its checks": lambda page: page.goto("/rules/strong_finish/edit?panel=checks"),
    "its history": lambda page: page.goto("/rules/strong_finish/edit?panel=history"),
    "an earning rule": lambda page: page.goto("/rules/pass_xp/edit"),
    "levels": lambda page: page.goto("/rules/levels/edit"),
    "mistakes": lambda page: begun(page, "Badge").get_by_role("button", name="Group", exact=True).click(),
    "the list of facts": lambda page: page.locator("#c2-fact").click(),
    "a folded group": folded,
    "a lifecycle in use": lambda page: page.goto("/rules/lifecycle/edit"),
    "a new step of a lifecycle": lambda page: page.get_by_role("button", name="Add step").click(),
    "a campaign": lambda page: begun(page, "Campaign").get_by_role("button", name="Add game").click(),
    "an event type": lambda page: begun(page, "Event type"),
}


@pytest.mark.parametrize(("width", "scheme"), VIEWS)
def test_every_state_is_accessible_obeys_the_policy_and_fits(visit, width, scheme):
    page = visit("/", color_scheme=scheme, viewport={"width": width, "height": 800})
    watched = Watched(page)
    assert {name: flaws for name, reach in STATES.items() if (flaws := watched.flaws(partial(settle_at, reach)))} == {}


def settle_at(reach: Callable[[Page], object], page: Page) -> None:
    reach(page)
    page.wait_for_load_state("networkidle")
    by_mouse.settle(page)


def test_every_key_does_what_the_menu_of_a_row_does(visit):
    page = begun(visit("/"), "Badge")
    page.get_by_role("button", name="Condition", exact=True).click()
    by_mouse.fill(page, "1", "XP", "1")
    page.keyboard.press("Control+d")
    expect(page.locator("#c2-menu")).to_be_focused()
    page.keyboard.press("Alt+ArrowUp")
    expect(page.locator("#said")).to_have_text("Condition 2 moved to 1 of 2")
    page.keyboard.press("Control+m")
    expect(page.get_by_role("group", name="Condition 1, muted")).to_be_visible()
    page.keyboard.press("Delete")
    expect(page.locator("#build .lr-no")).to_have_count(1)
    page.keyboard.press("Control+z")
    expect(page.locator("#build .lr-no")).to_have_count(2)
    page.keyboard.press("Control+y")
    expect(page.locator("#build .lr-no")).to_have_count(1)
    page.locator("#c1-menu").focus()
    page.keyboard.press("Control+.")
    expect(page.locator("#sentence a")).to_be_focused()
    page.keyboard.press("Control+.")
    expect(page.locator("#c1-fact")).to_be_focused()
    page.keyboard.press("3")
    expect(page.locator("#checks")).to_be_visible()
    page.keyboard.press("?")
    expect(page.locator("#editor-keys")).to_be_visible()
