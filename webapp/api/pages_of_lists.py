"""Lists in pages: a limit, and an opaque cursor that stays right while rows are added."""

import base64
import binascii
from collections.abc import Sequence
from typing import Any

import msgspec
from flask import Response, jsonify, request

from webapp.api.problems import Flaw, refuse_flawed

LIMIT_MAX = 100
LIMIT_DEFAULT = 50
CURSOR_LENGTH_MAX = 500


def limit() -> int:
    """The page size that was asked for, 1 to 100."""
    text = request.args.get("limit", str(LIMIT_DEFAULT))
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= LIMIT_MAX):
        raise refuse_flawed([Flaw("/limit", f"must be a whole number from 1 to {LIMIT_MAX}")])
    return int(text)


def cursor(kind: type[Any]) -> Any:
    """Where the page begins, as it was packed; None for the first page. A cursor that we did not make is refused."""
    text = request.args.get("cursor")
    if not text:
        return None
    try:
        packed = base64.urlsafe_b64decode(text[:CURSOR_LENGTH_MAX].encode())
        return msgspec.json.decode(packed, type=kind)
    except (ValueError, binascii.Error, msgspec.MsgspecError) as error:
        raise refuse_flawed([Flaw("/cursor", "is not a cursor of this list")]) from error


def pack(place: Any) -> str:
    """The opaque form of a place in a list."""
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).decode()


def listed(data: Sequence[Any], after: Any, **more: Any) -> Response:
    """A page: `after` is the place of its last row where there is more, else None."""
    return jsonify({**more, "data": list(data), "next_cursor": None if after is None else pack(after)})
