"""Ids in URLs: any id that an app may choose can be requested, line breaks and slashes included."""

from flask import Flask
from werkzeug.routing import BaseConverter


class AnyTextConverter(BaseConverter):
    """The rest of a path unchanged, `a//b` and line breaks included."""

    regex = "(?s:.+?)"
    weight = 200
    part_isolating = False


def set_up(app: Flask) -> None:
    """Let routes declare `<text:name>`; called before any is registered. Repeated slashes are part of an id."""
    app.url_map.converters["text"] = AnyTextConverter
    app.url_map.merge_slashes = False
