"""Lists in pages: a limit, and an opaque cursor that stays right while rows are added."""

import base64
import binascii
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

import msgspec
from flask import Response, jsonify, request

from webapp.api.problems import Flaw, refuse_flawed

LIMIT_MAX = 100
LIMIT_DEFAULT = 50
DIGITS_MAX = 9
CURSOR_LENGTH_MAX = 1000  # the longest id in the widest characters, and a score
ROW_MAX = 2**63 - 1

T = TypeVar("T")


def limit() -> int:
    """The page size that was asked for, 1 to 100."""
    text = request.args.get("limit", str(LIMIT_DEFAULT))
    if not (text.isascii() and text.isdigit() and len(text) <= DIGITS_MAX and 1 <= int(text) <= LIMIT_MAX):
        raise refuse_flawed([Flaw("/limit", f"must be a whole number from 1 to {LIMIT_MAX}")])
    return int(text)


def cursor(kind: type[Any]) -> Any:
    """Where the page begins, as it was packed; None for the first page. A cursor that we did not make is refused."""
    text = request.args.get("cursor")
    if not text:
        return None
    place = _unpacked(text, kind) if len(text) <= CURSOR_LENGTH_MAX else None
    if place is None or not all(_is_askable(part) for part in (place if isinstance(place, tuple) else (place,))):
        raise refuse_flawed([Flaw("/cursor", "is not a cursor of this list")])
    return place


def _unpacked(text: str, kind: type[Any]) -> Any:
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(text.encode()), type=kind)
    except (ValueError, binascii.Error, msgspec.MsgspecError):
        return None


def _is_askable(part: Any) -> bool:
    """Whether the database can compare with a part of a place; nothing else could have come from us."""
    return "\0" not in part if isinstance(part, str) else -ROW_MAX <= part <= ROW_MAX


def pack(place: Any) -> str:
    """The opaque form of a place in a list."""
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).decode()


def page_by_key(rows: Iterable[T], key: Callable[[T], str]) -> tuple[list[T], str | None]:
    """The page that was asked for of rows that are all at hand, by key; and the place of its last row, as `listed`."""
    after, size = cursor(str), limit()
    rest = sorted((row for row in rows if after is None or key(row) > after), key=key)
    page = rest[:size]
    return page, key(page[-1]) if len(rest) > size else None


def listed(data: Sequence[Any], after: Any, **more: Any) -> Response:
    """A page: `after` is the place of its last row where there is more, else None."""
    return jsonify({**more, "data": list(data), "next_cursor": None if after is None else pack(after)})
