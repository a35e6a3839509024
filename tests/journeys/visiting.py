"""Pages of a real Laurel in a real browser, opened by somebody who is signed in already."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from tests.journeys.editing import PATIENCE
from tests.running import RunningLaurel

SERIOUS = {"serious", "critical"}
# Without `preload`, axe does not fetch every stylesheet once more; only a rule that is off by default would read them.
AXE_OPTIONS = {"resultTypes": ["violations"], "preload": False}


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

    def flaws(self, reach: Callable[[Page], object]) -> list[str]:
        """What the console says, what axe finds serious and what sticks out at the side, once a state is reached."""
        self.heard.clear()
        reach(self.page)
        console_messages = list(self.heard)  # axe itself styles inline
        sticks_out = self.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        violations = Axe().run(self.page, options=AXE_OPTIONS).response["violations"]
        serious = [
            f"{violation['id']}: {violation['nodes'][0]['target']}"
            for violation in violations
            if violation["impact"] in SERIOUS
        ]
        return [*console_messages, *serious, *(["sticks out at the side"] if sticks_out else [])]
