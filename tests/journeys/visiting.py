"""Pages of a real Laurel in a real browser, opened by somebody who is signed in already."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from tests.journeys.editing import PATIENCE
from tests.lengths import brief_or_long
from tests.running import RunningLaurel

# Every state is looked at in both widths and in both themes; at length, in each of the four combinations.
VIEWS = brief_or_long(
    [(1280, "light"), (360, "dark")],
    [(1280, "light"), (1280, "dark"), (360, "light"), (360, "dark")],
)
SERIOUS = {"serious", "critical"}
# Without `preload`, axe does not fetch every stylesheet once more; only a rule that is off by default would read them.
AXE_OPTIONS = {"resultTypes": ["violations"], "preload": False}
RUN_AXE = f"within => axe.run(within, {json.dumps(AXE_OPTIONS)}).then(result => result.violations)"
OPENED = "dialog[open], :popover-open"


def violations(page: Page, within: str = "html") -> list[Any]:
    """What axe finds on a page as it is now, or within a part of it; the script is brought to a document once."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    return list(page.evaluate(RUN_AXE, within))


@contextmanager
def pages_of(browser: Browser, laurel: RunningLaurel, state: Any) -> Iterator[Callable[..., Page]]:
    """Give what opens a page with these cookies, `open_page("/rules")`; all are closed at the end."""
    contexts: list[BrowserContext] = []

    def open_page(address: str, **options: Any) -> Page:
        context = browser.new_context(base_url=laurel.url, storage_state=state, **options)
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        page.goto(address)
        return page

    yield open_page
    for context in contexts:
        context.close()


@dataclass
class Watched:
    """A page whose console is listened to, but for what is said at addresses with `refused` in them."""

    page: Page
    refused: str = "\0"
    heard: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.heard.append(str(error)))

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and self.refused not in message.location.get("url", ""):
            self.heard.append(message.text)

    def flaws(self, reach: Callable[[Page], object], changed: str = "html") -> list[str]:
        """What the console says, what axe finds serious and what sticks out at the side, once a state is reached.

        Where a state changes only a part of a page that is looked at by itself, axe examines that part; at length, all.
        """
        self.heard.clear()
        reach(self.page)
        console_messages = list(self.heard)  # axe itself styles inline
        sticks_out = self.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        serious = [
            f"{violation['id']}: {violation['nodes'][0]['target']}"
            for violation in violations(self.page, brief_or_long(changed, "html"))
            if violation["impact"] in SERIOUS
        ]
        return [*console_messages, *serious, *(["sticks out at the side"] if sticks_out else [])]
