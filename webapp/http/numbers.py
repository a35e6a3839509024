"""Whole numbers in paths, queries and forms: what the database cannot hold is no number here."""

from flask import Flask, request
from werkzeug.routing import IntegerConverter

DIGITS_MAX = 18  # every such number fits into 64 bits


class BoundedIntegerConverter(IntegerConverter):
    """`<int:…>` in routes; a path with a longer number is not found."""

    regex = rf"\d{{1,{DIGITS_MAX}}}"


def set_up(app: Flask) -> None:
    """Replace Flask's converter, before any route is registered."""
    app.url_map.converters["int"] = BoundedIntegerConverter


def whole_number(text: str) -> int | None:
    """The number that a text of ASCII digits says; None for everything else, and for numbers that are too long."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= DIGITS_MAX else None


def number_in_query(name: str) -> int | None:
    """The same of a parameter of the query; None where it is missing, too."""
    return whole_number(request.args.get(name, ""))
