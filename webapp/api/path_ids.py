"""Ids in addresses: what an app may choose as an id can be asked for, line breaks and slashes included."""

from flask import Flask
from werkzeug.routing import BaseConverter


class Whole(BaseConverter):
    """The rest of an address as it is, `a//b` and line breaks too."""

    regex = "(?s:.+?)"
    weight = 200
    part_isolating = False


def set_up(app: Flask) -> None:
    """Let routes say `<whole:name>`; called before any of them is registered. Doubled slashes belong to ids."""
    app.url_map.converters["whole"] = Whole
    app.url_map.merge_slashes = False
