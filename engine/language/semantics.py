"""Comparisons and list operators of rules. The compiler and the reference share these functions.

Nothing is coerced: text is never a number, a boolean is never a number, an absent value equals nothing. A comparison
of values that do not go together is false. Facts contain no NaN and no infinity: JSON
has none, and ingest refuses them.

Texts have an order only where both are dates or moments: "n/a" is not after any day, and "" not before one.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, TypeAlias

Number: TypeAlias = int | Decimal

ITEMS_MAX = 200
"""A longer list is not walked: `some`, `all` and `none` over it are false, and `filter` gives an empty list."""
MEMBERS_MAX = 1000
"""Nothing is `in` a longer list."""
_EXACT_MAX = 2**53
"""Up to here every whole number is a float, so that a float lies between the same whole numbers as its decimal form."""


def is_number(value: Any) -> bool:
    """Whether `value` is a finite number; a boolean is not."""
    kind = type(value)
    if kind is int:
        return True
    if kind is float:
        return bool(value - value == 0)
    return kind is Decimal and value.is_finite()


def exact(value: Any) -> Number:
    """A number by its decimal value: a float is the decimal number of its shortest form."""
    return Decimal(repr(value)) if type(value) is float else value


def compare_as_they_are(a: Any, b: Any) -> bool:
    """Whether a and b are numbers that Python itself compares as their decimal values compare, and much faster.

    Two floats are: the shortest decimal forms of neighbouring floats are in the same order as the floats.
    """
    kind_a, kind_b = type(a), type(b)
    if kind_a is int:
        return kind_b is int or (kind_b is float and -_EXACT_MAX <= b <= _EXACT_MAX)
    if kind_a is not float:
        return False
    if kind_b is float:
        return bool(a - a == 0 and b - b == 0)
    return kind_b is int and -_EXACT_MAX <= a <= _EXACT_MAX


def same(a: Any, b: Any) -> bool:
    """Equal, and of one type; numbers are equal by their decimal value."""
    if compare_as_they_are(a, b):
        return bool(a == b)
    if is_number(a) and is_number(b):
        return bool(exact(a) == exact(b))
    kind = type(a)
    return kind is type(b) and kind in (str, bool) and bool(a == b)


def differs(a: Any, b: Any) -> bool:
    """Of one type and not equal. Values that cannot be compared do not differ either: nothing is known about them."""
    if compare_as_they_are(a, b):
        return bool(a != b)
    if is_number(a) and is_number(b):
        return bool(exact(a) != exact(b))
    kind = type(a)
    return kind is type(b) and kind in (str, bool) and bool(a != b)


_MOMENT = re.compile(
    r"\d{4}-\d{2}-\d{2}(?P<time>[Tt ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:[Zz]|[+-]\d{2}:?\d{2}))?", re.ASCII
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@lru_cache(maxsize=8192)
def moment_of(text: str) -> tuple[int, int] | None:
    """The calendar day that a text names, and the moment in µs since 1970 UTC, -1 for a whole day; None if neither.

    A day is `2026-11-30`; a moment has a time with seconds or without, and an offset from UTC or Z. The day of a moment
    is the one that it says itself. A time without an offset is no moment: nobody knows where it was.
    """
    match = _MOMENT.fullmatch(text)
    if match is None:
        return None
    try:
        moment = datetime.fromisoformat(text if match["time"] else f"{text}T00:00:00Z")
    except ValueError:
        return None
    passed = moment - _EPOCH
    micros = (passed.days * 86_400 + passed.seconds) * 1_000_000 + passed.microseconds
    return moment.toordinal(), (micros if match["time"] else -1)


def later(a: str, b: str) -> int | None:
    """1 if a is later than b, -1 if it is earlier, 0 if neither; None unless both are dates or moments.

    Two moments are compared as such, wherever they were. Where one of the two is a whole day, days are compared: eight
    o'clock on 30 November is not after 30 November.
    """
    moment, other = moment_of(a), moment_of(b)
    if moment is None or other is None:
        return None
    is_day = moment[1] == -1 or other[1] == -1
    one, two = (moment[0], other[0]) if is_day else (moment[1], other[1])
    return (one > two) - (one < two)


def above(a: Any, b: Any) -> bool:
    """`a > b` for two numbers, or two dates or moments; else false."""
    if compare_as_they_are(a, b):
        return bool(a > b)
    if is_number(a) and is_number(b):
        return bool(exact(a) > exact(b))
    return type(a) is str and type(b) is str and later(a, b) == 1


def at_least(a: Any, b: Any) -> bool:
    """`a >= b` for two numbers, or two dates or moments; else false."""
    if compare_as_they_are(a, b):
        return bool(a >= b)
    if is_number(a) and is_number(b):
        return bool(exact(a) >= exact(b))
    return type(a) is str and type(b) is str and later(a, b) in (0, 1)


def below(a: Any, b: Any, *c: Any) -> bool:
    """`a < b`; with a third value `a < b < c`."""
    return above(b, a) and (not c or above(c[0], b))


def at_most(a: Any, b: Any, *c: Any) -> bool:
    """`a <= b`; with a third value `a <= b <= c`."""
    return at_least(b, a) and (not c or at_least(c[0], b))


def inside(needle: Any, haystack: Any) -> bool:
    """`needle` is an item of the list `haystack`, or a part of the text `haystack`."""
    if type(haystack) is str:
        return type(needle) is str and needle in haystack
    if (type(haystack) is not list and type(haystack) is not tuple) or len(haystack) > MEMBERS_MAX:
        return False
    if type(needle) is str:
        return needle in haystack
    return any(same(needle, candidate) for candidate in haystack)


def truthy(value: Any) -> bool:
    """Anything but false, null, 0, empty text, an empty list or an empty object."""
    return bool(value)


def falsy(value: Any) -> bool:
    """The opposite of `truthy`."""
    return not value


def listed(value: Any) -> Sequence[Any] | None:
    """`value`, if it is a list of at most `ITEMS_MAX` items; else None."""
    kind = type(value)
    return value if (kind is list or kind is tuple) and len(value) <= ITEMS_MAX else None


def value_at(value: Any, steps: Sequence[str]) -> Any:
    """The value at `steps` inside nested objects; None if a step is absent. Lists are not entered."""
    for step in steps:
        if type(value) is not dict:
            return None
        value = value.get(step)
    return value


def absent(facts: Mapping[str, Any], paths: Sequence[str]) -> list[str]:
    """Those of `paths` whose fact is missing, null or empty text."""
    return [path for path in paths if facts[path] is None or facts[path] == ""]
