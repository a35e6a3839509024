"""Comparisons and list operators of rules. The compiler and the reference share these functions.

Nothing is coerced: text is never a number, a boolean is never a number, an absent value equals nothing. A comparison
of values that do not go together is false. Facts contain no NaN and no infinity: JSON
has none, and ingest refuses them.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeAlias

Number: TypeAlias = int | Decimal

ITEMS_MAX = 200
"""A longer list is not walked: `some`, `all` and `none` over it are false, and `filter` gives an empty list."""
MEMBERS_MAX = 1000
"""Nothing is `in` a longer list."""


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


def same(a: Any, b: Any) -> bool:
    """Equal, and of one type; numbers are equal by their decimal value."""
    if is_number(a) and is_number(b):
        return bool(exact(a) == exact(b))
    kind = type(a)
    return kind is type(b) and kind in (str, bool) and bool(a == b)


def differs(a: Any, b: Any) -> bool:
    """Of one type and not equal. Values that cannot be compared do not differ either: nothing is known about them."""
    if is_number(a) and is_number(b):
        return bool(exact(a) != exact(b))
    kind = type(a)
    return kind is type(b) and kind in (str, bool) and bool(a != b)


def above(a: Any, b: Any) -> bool:
    """`a > b` for two numbers or two texts, else false."""
    if is_number(a) and is_number(b):
        return bool(exact(a) > exact(b))
    return type(a) is str and type(b) is str and a > b


def at_least(a: Any, b: Any) -> bool:
    """`a >= b` for two numbers or two texts, else false."""
    if is_number(a) and is_number(b):
        return bool(exact(a) >= exact(b))
    return type(a) is str and type(b) is str and a >= b


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
