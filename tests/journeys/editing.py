"""Somebody at the editor in a real browser: by keys alone, or by mouse."""

import re
from dataclasses import dataclass

from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.running import RunningLaurel

PASSWORD = "laurel wreath and a mug"
PATIENCE = 60_000  # milliseconds; what is waited for is a state, so a fast machine never waits so long
LINK = re.compile(r"http://\S+/sign-in/\S+")
TABS_MAX = 250
# Everything that Tab stops at, in its order; of a group of radio buttons only the one that is chosen.
TAB_STOPS = """() => [...document.querySelectorAll(
  'a[href], button, input, select, textarea, summary, [tabindex], [contenteditable=true]'
)].filter(
  (element) => element.tabIndex >= 0 && !element.matches(':disabled')
    && element.checkVisibility({ visibilityProperty: true }) && !(element.type === 'radio' && !element.checked)
)"""
# How many stops lie between the focus and an element; less than none if it comes before the focus. Null: it has it.
STOPS_TO = f"""(element) => {{
  if (element === document.activeElement) return null;
  const stops = ({TAB_STOPS})();
  return stops.indexOf(element) - stops.indexOf(document.activeElement);
}}"""
LISTEN = f"""() => {{
  window.unfocused = new Set(({TAB_STOPS})());
  window.addEventListener('focusin', (event) => window.unfocused.delete(event.target));
  window.unfocused.delete(document.activeElement);
  return window.unfocused.size;
}}"""
UNFOCUSED = f"""() => ({TAB_STOPS})()
  .filter((element) => window.unfocused.has(element)).map((element) => element.outerHTML.slice(0, 120))
"""


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
    """Someone without a mouse. Everything is reached by Tab, forwards or backwards, and said by keys."""

    page: Page

    def reach(self, target: Locator) -> None:
        """Press Tab until it has the focus, or Shift and Tab if it comes before."""
        expect(target).to_be_attached()
        presses = 0
        while (stops := target.evaluate(STOPS_TO)) is not None:
            for _ in range(max(1, abs(stops) // 2)):  # half of the way, as what looks like a stop may be none
                self.page.keyboard.press("Tab" if stops >= 0 else "Shift+Tab")
                presses += 1
            assert presses < TABS_MAX, f"{target} is not reached by Tab"

    def walk_through(self) -> None:
        """Press Tab until it has been everywhere on the page; nothing holds it, and nothing is left out."""
        stops = self.page.evaluate(LISTEN)
        for _ in range(stops + stops // 2):  # a field for a date has a stop for each of its parts
            self.page.keyboard.press("Tab")
        assert self.page.evaluate(UNFOCUSED) == []

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
