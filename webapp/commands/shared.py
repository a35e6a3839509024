"""What the commands share: how the audit log calls them, and what an app may be called."""

import re
from typing import Any

import click

from webapp.store.people.apps import OWN_APP

BY = "command line"
_APP = re.compile(r"[a-z][a-z0-9_-]{0,62}")


class AppKey(click.ParamType[str]):
    """An app's key: small letters, digits, _ and -; not the name of our own entries' app."""

    name = "APP"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Give the key as it is, or say what is wrong with it."""
        if not _APP.fullmatch(str(value)):
            self.fail("a small letter, then up to 62 small letters, digits, _ or -", param, ctx)
        if value == OWN_APP:
            self.fail(f"{OWN_APP} is the app of our own entries", param, ctx)
        return str(value)


APP = AppKey()
