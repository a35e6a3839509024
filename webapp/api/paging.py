"""Lists in pages: a limit, and an opaque cursor that stays correct while rows are added."""

import base64
import binascii
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

import msgspec
from flask import Response, jsonify, request

from webapp.http.problems import FieldError, unprocessable

LIMIT_MAX = 100
LIMIT_DEFAULT = 50
DIGITS_MAX = 9
CURSOR_LENGTH_MAX = 1000  # the longest id in the widest characters, and a score
BIGINT_MAX = 2**63 - 1

T = TypeVar("T")


def page_limit() -> int:
    """The requested page size, from 1 to 100."""
    text = request.args.get("limit", str(LIMIT_DEFAULT))
    if not (text.isascii() and text.isdigit() and len(text) <= DIGITS_MAX and 1 <= int(text) <= LIMIT_MAX):
        raise unprocessable([FieldError("/limit", f"must be an integer from 1 to {LIMIT_MAX}")])
    return int(text)


def page_cursor(kind: type[Any]) -> Any:
    """The position after which the page begins, of type `kind`; None for the first page.

    Raises ApiProblem (422) for a cursor that this list did not issue.
    """
    text = request.args.get("cursor")
    if not text:
        return None
    position = _decode_cursor(text, kind) if len(text) <= CURSOR_LENGTH_MAX else None
    parts = position if isinstance(position, tuple) else (position,)
    if position is None or not all(_is_comparable(part) for part in parts):
        raise unprocessable([FieldError("/cursor", "not a cursor of this list")])
    return position


def _decode_cursor(text: str, kind: type[Any]) -> Any:
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(text.encode()), type=kind)
    except (ValueError, binascii.Error, msgspec.MsgspecError):
        return None


def _is_comparable(part: Any) -> bool:
    """Whether the database can compare rows with a part of a position; we issue no cursor for which it cannot."""
    return "\0" not in part if isinstance(part, str) else -BIGINT_MAX <= part <= BIGINT_MAX


def encode_cursor(position: Any) -> str:
    """The opaque form of a position in a list."""
    return base64.urlsafe_b64encode(msgspec.json.encode(position)).decode()


def page_of_sorted(rows: Iterable[T], key: Callable[[T], str]) -> tuple[list[T], str | None]:
    """The requested page of rows that are all in memory, sorted by key; and the key of its last row if more follow."""
    after, size = page_cursor(str), page_limit()
    rest = sorted((row for row in rows if after is None or key(row) > after), key=key)
    page = rest[:size]
    return page, key(page[-1]) if len(rest) > size else None


def page_response(rows: Sequence[Any], after: Any) -> Response:
    """A page of a list; `after` is the position of its last row if more rows follow, else None."""
    return jsonify({"data": list(rows), "next_cursor": None if after is None else encode_cursor(after)})
