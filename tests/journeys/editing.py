"""Somebody at the editor in a real browser: by keys alone, or by mouse."""

import re
from dataclasses import dataclass

from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.running import RunningLaurel

PASSWORD = "laurel wreath and a mug"
PATIENCE = 60_000  # milliseconds; what is waited for is a state, so a fast machine never waits so long
LINK = re.compile(r"http://\S+/sign-in/\S+")
TABS_MAX = 250


def enter(browser: Browser, laurel: RunningLaurel, link: str, **options: object) -> BrowserContext:
    """A browser signed in by a one-time link."""
    context = browser.new_context(base_url=laurel.url, **options)
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(link)
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_role("button", name="Set password and sign in").click()
    expect(page.get_by_role("heading", level=1)).not_to_have_text("Welcome back")
    page.wait_for_url(re.compile(r"/$|/rules|/home"))
    page.close()
    return context


@dataclass
class Keys:
    """Someone without a mouse. Everything is reached by Tab and said by keys."""

    page: Page

    def reach(self, target: Locator) -> None:
        """Press Tab until it has the focus."""
        expect(target).to_be_attached()
        for _ in range(TABS_MAX):
            if target.evaluate("each => each === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{target} is not reached by Tab")

    def press(self, *keys: str) -> None:
        """Press keys one after another, and wait until what they asked for is there."""
        for key in keys:
            self.page.keyboard.press(key)
        self.settle()

    def type(self, text: str) -> None:
        """Type, and wait for what it makes of the page."""
        self.page.keyboard.type(text)
        self.settle()

    def settle(self) -> None:
        """Wait until the editor, where there is one, has nothing under way."""
        expect(self.page.locator("#editor[aria-busy]")).to_have_count(0)

    def choose_fact(self, words: str) -> None:
        """On a fact: open the list by typing, take the first that fits."""
        self.page.keyboard.type(words)
        expect(self.page.locator("#picker [role=option][aria-selected=true]")).to_be_visible()
        self.press("Enter")

    def go(self, role: str, name: str) -> None:
        """Reach a link or a button and press Enter."""
        self.reach(self.page.get_by_role(role, name=name, exact=True).first)  # type: ignore[arg-type]  # link or button
        self.page.keyboard.press("Enter")
