"""The road of a rule by keys alone: every step as somebody takes it who has no mouse."""

import re

from playwright.sync_api import Page, expect

from tests.journeys.editing import Keys


def begin_a_badge(keys: Keys, name: str) -> None:
    page = keys.page
    page.goto("/rules")
    keys.go("link", "New rule")
    expect(page.get_by_role("heading", level=1)).to_have_text("New rule")
    keys.reach(page.get_by_role("button", name=re.compile("^Badge ")))
    page.keyboard.press("Enter")
    keys.reach(page.get_by_label("Name", exact=True))
    keys.type(name)
    keys.press("Tab")
    page.wait_for_url(f"**/rules/{name.lower().replace(' ', '_')}/edit*")


def build_three_levels(keys: Keys) -> None:
    """Score at least 60, and (module FFF, or (weight at least 50 and at least 300 XP))."""
    keys.reach(keys.page.get_by_label("Which events: add"))
    keys.page.keyboard.type("assess")
    keys.press("Enter")
    keys.press("Control+Enter")
    fill(keys, "score", "60")
    keys.press("Control+Shift+Enter")
    fill(keys, "module", "FFF")
    keys.press("Control+Shift+Enter")
    fill(keys, "weight", "50")
    keys.press("Control+Enter")
    fill(keys, "xp", "300")
    expect(keys.page.locator("#sentence")).to_contain_text("score is at least 60 points")
    assert numbers_of(keys.page) == ["1", "2", "2.1", "2.2", "2.2.1", "2.2.2"]


def fill(keys: Keys, fact: str, value: str) -> None:
    keys.choose_fact(fact)
    keys.press("Tab", "Tab")
    keys.type(value)


def numbers_of(page: Page) -> list[str]:
    return page.locator("#build .lr-no").all_text_contents()


def see_it_match_and_fail(keys: Keys) -> None:
    page = keys.page
    expect(page.locator("#sample-says")).to_contain_text("kay would get the badge")
    keys.reach(page.get_by_label("Try on"))
    page.keyboard.press("ArrowDown")
    expect(page.locator("#sample-says")).to_contain_text("linus would get the badge")
    keys.reach(page.get_by_label("Try on"))
    page.keyboard.press("ArrowDown")
    expect(page.locator("#sample-says")).to_contain_text("Score 55 points is not at least 60 points")
    expect(page.locator("#c1-mark")).to_contain_text("55")


def keep_two_test_cases(keys: Keys) -> None:
    page = keys.page
    keys.reach(page.get_by_role("link", name="Sample", exact=True))
    keys.press("Enter")
    for verdict in ("Expected: no match", "Expected: match"):
        keys.go("button", "Save as test case")
        expect(page.locator("#sample-says")).to_contain_text(verdict)
        keys.reach(page.get_by_label("Try on"))
        page.keyboard.press("ArrowUp")
        expect(page.locator("#sample-says")).to_contain_text("would get the badge")


def replay_history(keys: Keys) -> None:
    page = keys.page
    keys.reach(page.locator("#c1-menu"))
    page.keyboard.press("2")
    keys.go("button", "Replay")
    expect(page.locator("#history")).to_contain_text("Again")
    expect(page.locator("#panel-history")).to_contain_text("players would get it")


def send_for_approval(keys: Keys) -> None:
    page = keys.page
    page.keyboard.press("Control+Shift+P")
    expect(page.get_by_role("heading", name="Before it can go live")).to_be_visible()
    keys.go("button", "Send for approval")
    expect(page.get_by_text("Waits for approval").first).to_be_visible()


def approve(keys: Keys, key: str) -> None:
    page = keys.page
    page.goto(f"/rules/{key}/review")
    keys.go("button", "Approve and publish")
    expect(page.get_by_role("heading", name="Before it can go live")).to_be_hidden()


def read_why(keys: Keys, player: str, badge: str) -> None:
    page = keys.page
    page.goto(f"/players/{player}")
    keys.reach(page.get_by_role("link", name=badge).first)
    page.keyboard.press("Enter")
    expect(page.locator("#why")).to_contain_text(f"{player} earned {badge}")


def lower_to_58(keys: Keys, key: str) -> None:
    page = keys.page
    page.goto(f"/rules/{key}/edit")
    keys.reach(page.locator("#c1-value"))
    page.keyboard.press("Control+a")
    keys.type("58")
    send_for_approval(keys)


def roll_back(keys: Keys, key: str) -> None:
    page = keys.page
    page.goto(f"/rules/{key}/versions")
    keys.go("button", "Return to v1")
    keys.reach(page.get_by_role("dialog").get_by_role("button", name="Return to v1"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("v3", exact=True).first).to_be_visible()
    page.goto(f"/rules/{key}")
    expect(page.locator(".lr-sentence").first).to_contain_text("score is at least 60 points")
