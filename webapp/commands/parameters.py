"""Parameter types of the commands, and the name under which they appear in the audit log."""

import re
from typing import Any

import click

from webapp.store.people.apps import OWN_APP

ACTOR = "command line"
"""Who, for the audit log."""

_APP = re.compile(r"[a-z][a-z0-9_-]{0,62}")


class AppKey(click.ParamType[str]):
    """An app's key: lower-case letters, digits, _ and -; not that of our own entries' app."""

    name = "APP"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The key unchanged. Fails with what is wrong with it."""
        if not _APP.fullmatch(str(value)):
            self.fail("must be a lower-case letter followed by up to 62 lower-case letters, digits, _ or -", param, ctx)
        if value == OWN_APP:
            self.fail(f"{OWN_APP} is reserved for Laurel's own entries", param, ctx)
        return str(value)


APP = AppKey()
