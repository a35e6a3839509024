"""Somebody who builds one rule without scripts: presses buttons and fills controls, as a browser sends them."""

import re
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import parse_qs

from werkzeug.test import TestResponse

from tests.webapp.pages.conftest import Browser
from webapp.config import Settings
from webapp.store.rules import drafts
from webapp.store.rules.drafts import Draft
from webapp.store.system.connection import connect


@dataclass
class Builder:
    """One browser at the Build page of one rule; `shown` is the page as it was loaded last."""

    browser: Browser
    settings: Settings
    key: str
    shown: str = ""

    @property
    def address(self) -> str:
        return f"/rules/{self.key}/edit"

    @property
    def draft(self) -> Draft:
        with connect(self.settings.database_url) as conn:
            draft = drafts.of_rule(conn, self.key)
        assert draft
        return draft

    def look(self, **asked: str) -> str:
        """Load the page."""
        self.shown = self.browser.open(self.address, query_string=asked).text
        return self.shown

    def press(self, button: str = "save", *, looks: bool = True, **fields: Any) -> TestResponse:
        """Send the whole form as it was shown, with these fields changed, by this button."""
        page = self.look() if looks else self.shown
        seen_form = unescape(hidden_value("seen", page))
        sent = {**parse_qs(seen_form, keep_blank_values=True), **fields}
        own = {"seen": seen_form, "revision": hidden_value("revision", page), "op": button}
        answer = self.browser.send(self.address, **sent, **own)
        self.key = answer.location.split("/")[2] if answer.status_code == 303 else self.key
        return answer


def hidden_value(name: str, page: str) -> str:
    """What the hidden field of this name holds."""
    match = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert match, name
    return match[1]
