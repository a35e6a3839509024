"""The road of a rule by mouse: every step as most people take it."""

import re

from playwright.sync_api import Locator, Page, expect


def settle(page: Page) -> None:
    """Wait until the editor has nothing under way."""
    expect(page.locator("#editor[aria-busy]")).to_have_count(0)


def begin_a_badge(page: Page, name: str) -> None:
    page.goto("/rules")
    page.get_by_role("link", name="New rule").first.click()
    page.get_by_role("button", name=re.compile("^Badge ")).click()
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Name", exact=True).blur()
    page.wait_for_url(f"**/rules/{name.lower().replace(' ', '_')}/edit*")
    page.get_by_label("Which events: add").select_option("assessment_submitted")
    settle(page)


def condition(page: Page, number: str) -> Locator:
    return page.get_by_role("group", name=f"Condition {number}", exact=True)


def fill(page: Page, number: str, fact: str, value: str) -> None:
    """Choose the fact of a row from the list, and type its value."""
    condition(page, number).locator("[data-pick]").click()
    page.locator("#picker [role=option]", has_text=re.compile(rf"^\s*{fact}")).first.click()
    condition(page, number).get_by_label("Value").fill(value)
    settle(page)


def build_three_levels(page: Page) -> None:
    """Score at least 60, and (module FFF, or (weight at least 50))."""
    page.get_by_role("button", name="Condition", exact=True).click()
    fill(page, "1", "Score", "60")
    page.get_by_role("button", name="Group", exact=True).click()
    fill(page, "2.1", "Module", "FFF")
    page.get_by_role("button", name="Group in group 2").click()
    fill(page, "2.2.1", "Weight", "50")
    expect(page.locator("#sentence")).to_contain_text("weight is at least 50 %")


def from_menu(page: Page, number: str, action: str) -> None:
    page.get_by_role("button", name=f"More for condition {number}", exact=True).click()
    page.get_by_role("menuitem", name=re.compile(f"^{action}")).and_(page.locator(":visible")).click()
    settle(page)


def move_mute_note_and_undo(page: Page) -> None:
    from_menu(page, "1", "Mute")
    expect(page.get_by_role("group", name="Condition 1, muted")).to_be_visible()
    page.get_by_role("button", name="Undo: Muted condition 1").click()
    expect(condition(page, "1")).to_be_visible()
    from_menu(page, "2.1", "Add a note")
    page.get_by_label("Note").fill("Only this course")
    settle(page)
    drag(page, "c1", "c2")
    expect(condition(page, "2").get_by_label("Value")).to_have_value("60")
    page.get_by_role("button", name=re.compile("^Undo: Moved")).click()
    expect(condition(page, "1").get_by_label("Value")).to_have_value("60")


def drag(page: Page, row: str, below: str) -> None:
    """Take a row by its grip and let it fall below another."""
    page.locator(f"#{row}").hover()
    to = page.locator(f"li[data-id={below}]").bounding_box()
    assert to
    page.locator(f"#{row} .lr-grip").first.hover()
    page.mouse.down()
    page.mouse.move(to["x"] + 3, to["y"] + to["height"] / 3, steps=10)  # left of what stands in a group
    page.mouse.move(to["x"] + 3, to["y"] + to["height"] - 8, steps=25)
    page.wait_for_timeout(100)  # as a hand rests before it lets go
    page.mouse.up()
    settle(page)


def see_it_match_and_fail(page: Page) -> None:
    try_on(page, "betty · assessment")
    expect(page.locator("#sample-says")).to_contain_text("betty would get the badge")
    try_on(page, "jean · assessment")
    expect(page.locator("#sample-says")).to_contain_text("Score 55 points is not at least 60 points")
    expect(page.locator("#c1-mark")).to_contain_text("55")


def try_on(page: Page, name: str) -> None:
    value = page.locator("#sample-on option", has_text=name).first.get_attribute("value")
    page.get_by_label("Try on").select_option(value)


def replay_history(page: Page) -> None:
    page.get_by_role("link", name="History").click()
    page.get_by_role("button", name="Replay").click()
    expect(page.locator("#panel-history")).to_contain_text("players would get it")


def keep_two_test_cases(page: Page) -> None:
    page.get_by_role("link", name="Sample", exact=True).click()
    for name, verdict in (("frances · assessment", "Expected: match"), ("jean · assessment", "Expected: no match")):
        try_on(page, name)
        expect(page.locator("#sample-says")).to_contain_text("frances would" if "frances" in name else "Score 55")
        page.get_by_role("button", name="Save as test case").click()
        expect(page.locator("#sample-says")).to_contain_text(verdict)


def send_for_approval(page: Page) -> None:
    page.get_by_role("link", name="Review and publish").click()
    page.get_by_role("button", name="Send for approval").click()
    expect(page.get_by_text("Waits for approval").first).to_be_visible()


def approve(page: Page, key: str) -> None:
    page.goto(f"/rules/{key}/review")
    page.get_by_role("button", name="Approve and publish").click()
    expect(page.get_by_role("heading", name="Before it can go live")).to_be_hidden()


def read_why(page: Page, player: str, badge: str) -> None:
    page.goto(f"/players/{player}")
    page.get_by_role("link", name=badge).first.click()
    expect(page.locator("#why")).to_contain_text(f"{player} earned {badge}")


def change_and_return(page: Page, approver: Page, key: str) -> None:
    """A second version asks for less; the first comes back in one click."""
    page.goto(f"/rules/{key}/edit")
    condition(page, "1").get_by_label("Value").fill("58")
    settle(page)
    send_for_approval(page)
    approve(approver, key)
    approver.goto(f"/rules/{key}/versions")
    approver.get_by_role("button", name="Return to v1").click()
    approver.get_by_role("dialog").get_by_role("button", name="Return to v1").click()
    expect(approver.get_by_text("v3", exact=True).first).to_be_visible()
