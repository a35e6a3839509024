"""What a member of a document may be: small checks, combined into the shape of a whole kind.

A check takes a value and its JSON pointer, and yields every problem that it finds.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from engine.vocabulary.problem import Problem, named, pointer

ShapeCheck: TypeAlias = Callable[[Any, str], Iterator[Problem]]

KEY = re.compile(r"[a-z][a-z0-9_]*")
KEY_LENGTH_MAX = 60
FREE_LENGTH_MAX = 2000
DEPTH_MAX = 16
YEARS = range(1970, 9999)
EVENT = re.compile(r"[a-z][a-z0-9_.]{0,63}")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Member:
    """One member of an object: what it may be, and whether it must be there."""

    check: ShapeCheck
    is_required: bool = False


def required(check: ShapeCheck) -> Member:
    """A member that must be there."""
    return Member(check, is_required=True)


def optional(check: ShapeCheck) -> Member:
    """A member that may be absent or null."""
    return Member(nullable(check))


def nullable(check: ShapeCheck) -> ShapeCheck:
    """Null, or what `check` admits."""
    return lambda value, at: iter(()) if value is None else check(value, at)


def any_value(_value: Any, _at: str) -> Iterator[Problem]:
    """Any value; it is checked elsewhere, like conditions and formulas."""
    yield from ()


def any_json(value: Any, at: str) -> Iterator[Problem]:
    """Any JSON that can be stored: no NUL, lone surrogate or infinite number, nested at most `DEPTH_MAX` deep."""
    pending = [(value, at, 1)]
    while pending:
        here, place, depth = pending.pop()
        if isinstance(here, str):
            yield from text(FREE_LENGTH_MAX, 0)(here, place)
        elif isinstance(here, float) and here - here != 0:
            yield Problem(place, "must be a finite number")
        elif isinstance(here, dict | list) and depth > DEPTH_MAX:
            yield Problem(place, f"is nested too deeply (at most {DEPTH_MAX} levels)")
        elif isinstance(here, list):
            pending += [(item, pointer(place, index), depth + 1) for index, item in enumerate(here)]
        elif isinstance(here, dict):
            for name, member in here.items():
                yield from text(FREE_LENGTH_MAX, 0)(name, place)
                pending.append((member, pointer(place, name), depth + 1))


def scalar(value: Any, at: str) -> Iterator[Problem]:
    """Text, a number, true or false."""
    if isinstance(value, dict | list) or value is None:
        yield Problem(at, "must be text, a number, true or false")
    else:
        yield from any_json(value, at)


def text(most: int = 200, least: int = 1) -> ShapeCheck:
    """Text of `least` to `most` characters that can be stored."""

    def check(value: Any, at: str) -> Iterator[Problem]:
        if not isinstance(value, str):
            yield Problem(at, "must be text")
        elif not least <= len(value) <= most:
            yield Problem(at, f"must have {least} to {most} characters")
        elif _UNSTORABLE.search(value):
            yield Problem(at, "contains a character that cannot be stored (NUL or half of a surrogate pair)")

    return check


def key(value: Any, at: str) -> Iterator[Problem]:
    """A key: a lower-case letter, then lower-case letters, digits and underscores."""
    if not isinstance(value, str) or not KEY.fullmatch(value) or len(value) > KEY_LENGTH_MAX:
        yield Problem(at, f"must start with a-z and contain only a-z, 0-9 and _, at most {KEY_LENGTH_MAX} characters")


def event_type(value: Any, at: str) -> Iterator[Problem]:
    """An event type, or `*` for every one."""
    if value == "*":
        return
    if not isinstance(value, str) or not EVENT.fullmatch(value):
        yield Problem(at, "must be * or an event type: a-z, then a-z, 0-9, _ and ., at most 64 characters")
    elif value.startswith("laurel."):
        yield Problem(at, "event types that start with laurel. are reserved and cannot trigger rules")


def choice(*words: str) -> ShapeCheck:
    """One of these words."""

    def check(value: Any, at: str) -> Iterator[Problem]:
        if not isinstance(value, str) or value not in words:
            yield Problem(at, f"must be one of {', '.join(words)}")

    return check


def whole_number(least: int = 0, most: int = 10**12) -> ShapeCheck:
    """A whole number within these bounds."""

    def check(value: Any, at: str) -> Iterator[Problem]:
        if type(value) is not int:
            yield Problem(at, "must be a whole number")
        elif not least <= value <= most:
            yield Problem(at, f"must be between {least:,} and {most:,}")

    return check


def number(above: float, below: float) -> ShapeCheck:
    """A number strictly between these bounds."""

    def check(value: Any, at: str) -> Iterator[Problem]:
        if type(value) not in (int, float):
            yield Problem(at, "must be a number")
        elif not above < value < below:
            yield Problem(at, f"must be above {above:,} and below {below:,}")

    return check


def boolean(value: Any, at: str) -> Iterator[Problem]:
    """True or false."""
    if not isinstance(value, bool):
        yield Problem(at, "must be true or false")


def date_time(value: Any, at: str) -> Iterator[Problem]:
    """An RFC 3339 date and time with an offset."""
    try:
        known = datetime.fromisoformat(value) if isinstance(value, str) and "T" in value else None
    except ValueError:
        known = None
    if known is None or known.tzinfo is None:
        yield Problem(at, "must be a date and time with an offset, such as 2026-12-04T18:00:00Z")
    elif known.year not in YEARS:
        yield Problem(at, f"must be between the years {YEARS[0]} and {YEARS[-1]}")


def list_of(check: ShapeCheck, least: int = 0, most: int = 100, *, distinct: bool = False) -> ShapeCheck:
    """A list of `least` to `most` items that `check` admits."""

    def look(value: Any, at: str) -> Iterator[Problem]:
        if not isinstance(value, list):
            yield Problem(at, "must be a list")
            return
        if not least <= len(value) <= most:
            yield Problem(at, f"must have {least} to {most} items")
        seen: set[str] = set()
        for index, item in enumerate(value):
            yield from check(item, pointer(at, index))
            if distinct and repr(item) in seen:
                yield Problem(pointer(at, index), "is a duplicate")
            seen.add(repr(item))

    return look


def mapping_of(names: ShapeCheck, values: ShapeCheck, most: int = 200) -> ShapeCheck:
    """An object with names that the author chooses."""

    def look(value: Any, at: str) -> Iterator[Problem]:
        if not isinstance(value, dict):
            yield Problem(at, "must be an object")
            return
        if len(value) > most:
            yield Problem(at, f"must have at most {most} members")
        for name, member in value.items():
            yield from names(name, pointer(at, name))
            yield from values(member, pointer(at, name))

    return look


def object_with(known: Mapping[str, Member], *, one_of: tuple[str, ...] = ()) -> ShapeCheck:
    """An object with exactly these members; of `one_of` at least one must be there."""

    def look(value: Any, at: str) -> Iterator[Problem]:
        if not isinstance(value, dict):
            yield Problem(at, "must be an object")
            return
        for name in [name for name in value if name not in known]:
            yield Problem(pointer(at, str(name)), f"unknown member; known members are {', '.join(known)}")
        for name, member in known.items():
            if name in value:
                yield from member.check(value[name], pointer(at, name))
            elif member.is_required:
                yield Problem(pointer(at, name), "is required")
        if one_of and all(value.get(name) is None for name in one_of):
            yield Problem(at, f"must have {' or '.join(map(named, one_of))}")

    return look
