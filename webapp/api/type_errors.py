"""Misfits: what the decoder found where a body has not the shape it should have, in our words, with our pointer."""

import re

from webapp.api.request_body import Wrong

_AT = re.compile(r"(?P<detail>.*?)(?: - at `\$(?P<path>.*)`)?", re.DOTALL)
_STEPS = re.compile(r"[.\[\]]+")
_ANY = "..."
_UNKNOWN = re.compile(r"unknown field `(.*)`", re.DOTALL)
_MISSING = re.compile(r"missing required field `(.*)`")
_KINDS = re.compile(r"`([a-z |]+)`")
_WORDS = {
    "str": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "object": "an object",
    "array": "a list",
    "datetime": "a time (RFC 3339, with offset)",
    "date": "a date (2026-11-20)",
}


def misfit(error: Exception) -> Wrong:
    """What is wrong with a value that was decoded into a shape."""
    match = _AT.fullmatch(str(error))
    assert match is not None
    detail, path = match["detail"], [step for step in _STEPS.split(match["path"] or "") if step not in ("", _ANY)]
    wrong = Wrong(_worded(detail))
    if unknown := _UNKNOWN.search(detail):
        wrong, path = Wrong(f"an unknown member {unknown[1]!r}", "unknown_member"), [*path, unknown[1]]
    elif missing := _MISSING.search(detail):
        wrong, path = Wrong(f"{missing[1]!r} is missing"), [*path, missing[1]]
    wrong.path = list(path)
    return wrong


def _worded(detail: str) -> str:
    """The decoder's sentence with people's words for its types; any number that came is just a number."""
    expected, got, came = detail.partition(", got ")
    return _KINDS.sub(_named, expected) + got + _KINDS.sub(_named, came.replace("`int`", "`float`"))


def _named(kinds: re.Match[str]) -> str:
    return " or ".join(_WORDS.get(each, each) for each in kinds[1].split(" | "))
