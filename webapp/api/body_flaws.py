"""What is wrong with a body: each flaw with a pointer to it, and all flaws of a body at once."""

import re
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType, UnionType
from typing import Any, Union, get_args, get_origin

import msgspec
from msgspec import NODEFAULT, Struct

from webapp.http.problems import FieldError

FLAWS_MAX = 20
Check = Callable[[Any], object]
"""Looks at the value of a member that has the right type; raises InvalidValue."""
NO_CHECKS: Mapping[str, Check] = MappingProxyType({})


class InvalidValue(Exception):  # noqa: N818  (the sender's mistake, not ours)
    """A value that is rejected; `path` leads to it and grows on the way out, the innermost step last."""

    def __init__(self, detail: str, code: str = "invalid", path: tuple[str | int, ...] = ()) -> None:
        super().__init__(detail)
        self.detail, self.code = detail, code
        self.path: list[str | int] = list(path)

    def inside(self, step: str | int) -> "InvalidValue":
        """The same error, seen from one level further out."""
        self.path.insert(0, step)
        return self

    def field_error(self, *prefix: str | int) -> FieldError:
        """The error with its JSON pointer; `prefix` leads from the root of the body to the value that was read."""
        return FieldError(json_pointer(*prefix, *self.path), self.detail, self.code)


def json_pointer(*steps: str | int) -> str:
    """A JSON pointer (RFC 6901)."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


def all_flaws(
    first: InvalidValue, value: Any, shape: type, checks: Mapping[str, Check] = NO_CHECKS
) -> list[InvalidValue]:
    """The flaw that was met first, then the others that each member has by itself, 20 at most.

    `checks` look at members of the body, by their name, whose types are right.
    """
    flaws = [first]
    for flaw in _flaws(value, shape, checks):
        if all(flaw.path != known.path for known in flaws):
            flaws.append(flaw)
        if len(flaws) == FLAWS_MAX:
            break
    return flaws


def _flaws(value: Any, shape: Any, checks: Mapping[str, Check]) -> Iterator[InvalidValue]:
    struct = _struct_for(value, shape)
    if struct is None:
        try:
            msgspec.convert(value, type=shape)
        except msgspec.ValidationError as error:
            yield type_error_of(error)
        return
    fields = {field.encode_name: field for field in msgspec.structs.fields(struct)}
    for name in value:
        if name not in fields:
            yield InvalidValue(f"unknown member {name!r}", "unknown_member", (name,))
    for name, field in fields.items():
        if name in value:
            yield from _member_flaws(name, value[name], field.type, checks.get(name))
        elif field.default is NODEFAULT and field.default_factory is NODEFAULT:
            yield InvalidValue(f"required member {name!r} is missing", path=(name,))


def _member_flaws(name: str, value: Any, shape: Any, check: Check | None) -> Iterator[InvalidValue]:
    flaws = list(_flaws(value, shape, NO_CHECKS))
    if flaws:
        yield from (flaw.inside(name) for flaw in flaws)
    elif check is not None:
        try:
            check(msgspec.convert(value, type=shape))
        except InvalidValue as invalid:
            yield invalid


def _struct_for(value: Any, shape: Any) -> type[Struct] | None:
    """The struct that an object is read as, also where something else would do; None for other values and shapes."""
    if not isinstance(value, dict):
        return None
    options = get_args(shape) if get_origin(shape) in (Union, UnionType) else (shape,)
    return next((option for option in options if isinstance(option, type) and issubclass(option, Struct)), None)


_MESSAGE = re.compile(r"(?P<detail>.*?)(?: - at `\$(?P<path>.*)`)?", re.DOTALL)
_STEPS = re.compile(r"[.\[\]]+")
_ANY_STEP = "..."
_UNKNOWN_FIELD = re.compile(r"unknown field `(.*)`", re.DOTALL)
_MISSING_FIELD = re.compile(r"missing required field `(.*)`")
_TYPES = re.compile(r"`([a-z |]+)`")
_TYPE_NAMES = {
    "str": "a string",
    "int": "an integer",
    "float": "a number",
    "bool": "a boolean",
    "object": "an object",
    "array": "an array",
    "datetime": "an RFC 3339 time with offset",
    "date": "a date such as 2026-11-20",
}


def type_error_of(error: Exception) -> InvalidValue:
    """Translate msgspec's message, for a value that does not fit its struct, into our wording with our pointer."""
    match = _MESSAGE.fullmatch(str(error))
    assert match is not None
    detail = match["detail"]
    path = tuple(step for step in _STEPS.split(match["path"] or "") if step not in ("", _ANY_STEP))
    if unknown := _UNKNOWN_FIELD.search(detail):
        return InvalidValue(f"unknown member {unknown[1]!r}", "unknown_member", (*path, unknown[1]))
    if missing := _MISSING_FIELD.search(detail):
        return InvalidValue(f"required member {missing[1]!r} is missing", path=(*path, missing[1]))
    return InvalidValue(_reworded(detail), path=path)


def _reworded(detail: str) -> str:
    """The decoder's sentence with JSON's names for its types; any number that was sent is just a number."""
    expected, got, actual = detail.partition(", got ")
    return _TYPES.sub(_type_names, expected) + got + _TYPES.sub(_type_names, actual.replace("`int`", "`float`"))


def _type_names(match: re.Match[str]) -> str:
    return " or ".join(_TYPE_NAMES.get(kind, kind) for kind in match[1].split(" | "))
