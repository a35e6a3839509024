"""The list of rules, the palette, the JSON tab and the library in a real browser, by mouse and by keys."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.editing import LINK, PATIENCE, enter
from tests.journeys.visiting import OPENED, VIEWS, Watched, pages_of
from tests.running import RunningLaurel, running_laurel

expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="module")
def laurel() -> Iterator[RunningLaurel]:
    with running_laurel(1) as laurel:
        laurel.laurel("pack", "install", "starter", "--publish")
        yield laurel


@pytest.fixture(scope="module")
def state(browser: Browser, laurel: RunningLaurel) -> Any:
    """The cookies of an admin."""
    context = enter(browser, laurel, LINK.findall(laurel.log.read_text())[-1])
    cookies = context.storage_state()
    context.close()
    return cookies


@pytest.fixture
def open_page(browser: Browser, laurel: RunningLaurel, state: Any) -> Iterator[Callable[..., Page]]:
    """Open a page signed in: `open_page("/rules", color_scheme="dark")`."""
    with pages_of(browser, laurel, state) as open_page:
        yield open_page


def keyed(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def test_rules_are_chosen_by_keys_and_paused_in_a_sheet_that_names_them(open_page):
    page = open_page("/rules")
    keyed(page, "/")
    page.keyboard.type("week")
    expect(page.locator("#rules tbody tr")).to_have_count(3)
    keyed(page, "ArrowDown", "x", "ArrowDown", "x")
    expect(page.locator("[data-chosen-count]")).to_have_text("2 chosen")
    page.get_by_role("button", name="Pause", exact=True).focus()
    keyed(page, "Enter")
    sheet = page.get_by_role("dialog", name="Pause 2 rules?")
    expect(sheet).to_contain_text("Five a week")
    keyed(page, "Escape")
    expect(sheet).to_be_hidden()
    expect(page.locator("[data-chosen-count]")).to_have_text("2 chosen")
    page.get_by_role("button", name="Pause", exact=True).click()
    page.get_by_role("button", name="Pause 2 rules").click()
    expect(page.get_by_role("status").first).to_contain_text("2 rules are paused: Five a week, Week on Fire")
    expect(page.locator("#rule-week_on_fire")).to_contain_text("Paused")


def test_the_palette_goes_to_a_rule_from_any_page_and_back_to_typing(open_page):
    page = open_page("/players")
    keyed(page, "Control+k")
    expect(page.get_by_label("Jump to")).to_be_focused()
    page.keyboard.type("hundr")
    link = page.get_by_role("dialog").get_by_role("link", name="Hundred Up")
    expect(link).to_be_visible()
    keyed(page, "ArrowDown")
    expect(link).to_be_focused()
    page.keyboard.type("e")
    expect(page.get_by_label("Jump to")).to_have_value("hundre")
    keyed(page, "Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Hundred Up")


def test_a_rule_is_edited_from_the_list_by_a_key_and_the_shortcuts_are_shown(open_page):
    page = open_page("/rules?q=hundred")
    keyed(page, "?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_contain_text("Select, for bulk actions")
    keyed(page, "Escape", "/", "ArrowDown", "e")
    page.wait_for_url("**/rules/hundred_up/edit")


def test_json_is_checked_while_it_is_typed_and_applied_to_the_builder(open_page):
    page = open_page("/rules/hundred_up/json?view=logic")
    area = page.get_by_role("textbox", name="The condition as JsonLogic")
    expect(page.locator("[data-json-said]")).to_have_text("No problems")
    area.click()
    keyed(page, "Control+a")
    page.keyboard.insert_text(
        '{"and": [\n{">=": [{"var": "metric.activity.total"}, 50]},\n{">": [{"var": "player.wealth"}, 1]}]}'
    )
    expect(page.locator("[data-json-flaws]")).to_contain_text("player.wealth")
    page.get_by_role("button", name="Line 3").click()
    expect(area).to_be_focused()
    keyed(page, "Control+a")
    page.keyboard.insert_text('{">=": [{"var": "metric.activity.total"}, 50]}')
    expect(page.locator("[data-json-said]")).to_have_text("No problems")
    keyed(page, "Control+Enter")
    page.wait_for_url("**/rules/hundred_up/edit")
    expect(page.get_by_label("In words")).to_contain_text("at least 50")


def test_a_slash_typed_into_json_stays_there(open_page):
    page = open_page("/rules/hundred_up/json")
    area = page.get_by_role("textbox", name="The rule document as JSON")
    area.click()
    keyed(page, "Control+a")
    page.keyboard.type("/?")
    expect(area).to_have_text("/?")


def test_a_template_is_filled_and_previewed_and_becomes_a_draft(open_page):
    page = open_page("/library")
    page.get_by_role("link", name="Days in a row").click()
    page.get_by_label("What happens").fill("lesson_completed")
    page.get_by_label("How many days").fill("5")
    page.get_by_label("Name").fill("Five in a row")
    expect(page.locator("#preview")).to_contain_text("at least 5 days, award the silver badge Five in a row")
    page.get_by_role("button", name="Build on this").click()
    page.wait_for_url("**/rules/five_in_a_row/edit")
    expect(page.get_by_label("In words")).to_contain_text("Five in a row")


def in_sheet(page: Page) -> None:
    page.locator("#rule-first_step [data-choose]").check()
    page.get_by_role("button", name="Archive", exact=True).click()
    expect(page.get_by_role("dialog")).to_contain_text("Archive First Step?")


def in_menu(page: Page) -> None:
    page.get_by_role("button", name="More for First Step").click()


def in_palette(page: Page) -> None:
    keyed(page, "Control+k")
    expect(page.get_by_role("dialog").get_by_role("link", name="Leaderboards")).to_be_visible()


def in_keys(page: Page) -> None:
    keyed(page, "?")
    expect(page.get_by_role("dialog")).to_contain_text("Everywhere")


def with_a_flaw(page: Page) -> None:
    page.get_by_role("textbox").click()
    keyed(page, "End")
    page.keyboard.type("x")
    expect(page.locator("[data-json-said]")).to_have_text("1 problem")


def still(page: Page) -> None:
    page.wait_for_function("document.readyState === 'complete' && window.htmx")


STATES = (
    ("/rules", still), ("/rules", in_sheet), ("/rules", in_menu), ("/rules", in_palette), ("/rules", in_keys),
    ("/rules?q=nothing+like+it", still), ("/rules/first_step", still), ("/rules/first_step/json", still),
    ("/rules/first_step/json?view=logic", with_a_flaw), ("/rules/import-file", still), ("/library", still),
    ("/library/packs/starter", still), ("/library/templates", still), ("/library/templates/k_of_n", still),
    ("/jump?q=first", still), ("/jump/keys", still),
)  # fmt: skip


OPENERS = {in_sheet, in_menu, in_palette, in_keys}  # they open something on a page that is looked at by itself


@pytest.mark.parametrize(("width", "scheme"), VIEWS)
def test_every_state_is_accessible_obeys_the_policy_and_fits(open_page, width, scheme):
    page = open_page("/", color_scheme=scheme, viewport={"width": width, "height": 800})
    page.on("dialog", lambda dialog: dialog.accept())
    watched = Watched(page)
    states = (
        (address, act, watched.flaws(partial(acted_at, address, act), OPENED if act in OPENERS else "html"))
        for address, act in STATES
    )
    assert [(address, act.__name__, flaws) for address, act, flaws in states if flaws] == []


def acted_at(address: str, act: Callable[[Page], None], page: Page) -> None:
    page.goto(address)
    still(page)
    act(page)
