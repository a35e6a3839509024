"""Bodies of requests: JSON, read strictly. What two readers could understand differently is refused."""

import json
import math
import re
from typing import Any

from flask import request
from werkzeug.exceptions import RequestEntityTooLarge

from webapp.api.problems import Flaw, Refused

NUMBER_MAX = 2**53
_SURROGATE = re.compile("[\ud800-\udfff]")


class Wrong(Exception):  # noqa: N818  (a sender's mistake, not an error of ours)
    """A value that is refused; `path` grows on its way out, the innermost step last."""

    def __init__(self, detail: str, code: str = "invalid") -> None:
        super().__init__(detail)
        self.detail, self.code = detail, code
        self.path: list[str | int] = []

    def inside(self, step: str | int) -> "Wrong":
        """The same, seen from one level further out."""
        self.path.insert(0, step)
        return self

    def flaw(self, *above: str | int) -> Flaw:
        """The flaw, with its pointer from the root of the body."""
        return Flaw(pointer(*above, *self.path), self.detail, self.code)


def pointer(*steps: str | int) -> str:
    """A JSON pointer (RFC 6901)."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


def raw_body() -> bytes:
    """The body of this request as it came; refused unless it says that it is JSON."""
    if request.mimetype != "application/json" and not request.mimetype.endswith("+json"):
        raise Refused(415, "invalid", "Content-Type must be application/json")
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Refused(415, "invalid", "compressed bodies are not read")
    try:
        return request.get_data(cache=False)
    except RequestEntityTooLarge:
        raise Refused(413, "too_large", f"the body is longer than {request.max_content_length} bytes") from None


class Doubled(dict[str, Any]):
    """An object in which `name` stood twice."""

    name: str = ""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    doubled = Doubled(found)
    seen: set[str] = set()
    doubled.name = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
    return doubled


def read(body: bytes) -> Any:
    """Parse JSON so that nothing is hidden: duplicate names stay visible, NaN and infinities become floats.

    Raises `Refused` (400) for what is no JSON at all. `inspect` finds what is wrong in what this gives.
    """
    try:
        return json.loads(body.decode(), object_pairs_hook=_object)
    except UnicodeDecodeError as error:
        raise Refused(400, "invalid_json", f"not UTF-8 at byte {error.start}") from None
    except json.JSONDecodeError as error:
        detail = f"{error.msg} at line {error.lineno}, column {error.colno}"
        raise Refused(400, "invalid_json", detail) from None
    except ValueError:  # a number of thousands of digits
        raise Refused(400, "invalid_json", "a number has too many digits") from None
    except RecursionError:
        raise Refused(400, "invalid_json", "nested too deeply to be read") from None


def inspect(value: Any) -> None:
    """Raise `Wrong` for the first thing that no value may hold, whatever it is for."""
    try:
        _inspect(value)
    except RecursionError:
        raise Wrong("nested too deeply", "too_large") from None


def _inspect(value: Any) -> None:
    match value:
        case Doubled():
            raise Wrong(f"{value.name!r} stands twice", "duplicate_key").inside(value.name)
        case dict():
            for name, inner in value.items():
                _inspect_text(name)
                _inspect_at(name, inner)
        case list():
            for index, inner in enumerate(value):
                _inspect_at(index, inner)
        case str():
            _inspect_text(value)
        case float() if not math.isfinite(value):
            raise Wrong("NaN and infinite numbers are refused")
        case _:
            pass


def _inspect_at(step: str | int, inner: Any) -> None:
    try:
        _inspect(inner)
    except Wrong as wrong:
        raise wrong.inside(step) from None


def _inspect_text(text: str) -> None:
    if _SURROGATE.search(text):
        raise Wrong("half of a surrogate pair stands alone")


def settled(value: Any, depth: int) -> tuple[Any, int]:
    """A JSON value in its one form (1.0 is 1), and how many names stand in it; the limits of values are kept here.

    `depth` is how many levels of objects and lists it may still open. Raises `Wrong`.
    """
    kind = type(value)
    if kind is str:
        _check_text(value)
        return value, 0
    if kind is int or kind is float:
        return _settled_number(value), 0
    if kind is dict or kind is list:
        if depth == 0:
            raise Wrong("nested too deeply", "too_large")
        return _settled_object(value, depth - 1) if kind is dict else _settled_list(value, depth - 1)
    return value, 0


def _check_text(text: str) -> None:
    if "\0" in text:
        raise Wrong("the character NUL is refused")


def _settled_number(value: float) -> float:
    if not -NUMBER_MAX <= value <= NUMBER_MAX:
        raise Wrong("numbers beyond ±2^53 are refused")
    return int(value) if value == int(value) else value


def _settled_object(value: dict[str, Any], depth: int) -> tuple[dict[str, Any], int]:
    names = len(value)
    for name, inner in value.items():
        try:
            _check_text(name)
            value[name], more = settled(inner, depth)
        except Wrong as wrong:
            raise wrong.inside(name) from None
        names += more
    return value, names


def _settled_list(value: list[Any], depth: int) -> tuple[list[Any], int]:
    names = 0
    for index, inner in enumerate(value):
        try:
            value[index], more = settled(inner, depth)
        except Wrong as wrong:
            raise wrong.inside(index) from None
        names += more
    return value, names
