"""What each operator does with its values: strict, decimal, total. The compiler and the reference share these.

Nothing is coerced: text is never a number, a boolean is never a number, an absent value equals nothing. A comparison
of values that do not fit is false; arithmetic with them raises `MissingFact`. Facts hold no NaN and no infinity:
JSON has none, and ingest refuses them.
"""

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Context, Decimal, DivisionByZero, InvalidOperation
from typing import Any, TypeAlias

from engine.logic.missing import MissingFact, NoNumber

Number: TypeAlias = int | Decimal

NUMBER_MAX = 10**15
"""Results of arithmetic and constants lie within ± this."""

ITEMS_MAX = 1000
"""A longer list is not looked through: `some`, `all` and `none` over it are false, `filter` is empty."""

_DIGITS = Context(prec=40, rounding=ROUND_HALF_UP, traps=[InvalidOperation, DivisionByZero])
_SIX_PLACES = Decimal("0.000001")


def is_number(value: Any) -> bool:
    """Whether `value` is a finite number; a boolean is not."""
    kind = type(value)
    if kind is int:
        return True
    if kind is float:
        return bool(value - value == 0)
    return kind is Decimal and value.is_finite()


def _exact(value: Any) -> Number:
    return Decimal(repr(value)) if type(value) is float else value


# Comparisons


def same(a: Any, b: Any) -> bool:
    """Equal, and of one type; numbers are equal by their decimal value."""
    if is_number(a) and is_number(b):
        return bool(_exact(a) == _exact(b))
    kind = type(a)
    return kind is type(b) and kind in (str, bool) and bool(a == b)


def differs(a: Any, b: Any) -> bool:
    """Of one type and not equal. Values that cannot be compared do not differ either: nothing is known of them."""
    if is_number(a) and is_number(b):
        return bool(_exact(a) != _exact(b))
    kind = type(a)
    return kind is type(b) and kind in (str, bool) and bool(a != b)


def above(a: Any, b: Any) -> bool:
    """`a > b` for two numbers or two texts, else false."""
    if is_number(a) and is_number(b):
        return bool(_exact(a) > _exact(b))
    return type(a) is str and type(b) is str and a > b


def at_least(a: Any, b: Any) -> bool:
    """`a >= b` for two numbers or two texts, else false."""
    if is_number(a) and is_number(b):
        return bool(_exact(a) >= _exact(b))
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
    if type(haystack) is not list and type(haystack) is not tuple:
        return False
    if type(needle) is str:
        return needle in haystack
    return any(same(needle, each) for each in haystack)


def truthy(value: Any) -> bool:
    """Anything but false, null, 0, empty text, an empty list or an empty object."""
    return bool(value)


def falsy(value: Any) -> bool:
    """The opposite of `truthy`."""
    return not value


# Arithmetic: exact for whole numbers, 40 digits for the rest, rounded once at the end


def number(value: Any, path: str = "") -> Number | float:
    """`value`, if it is a number; raises `MissingFact(path)` if it is not."""
    if is_number(value):
        return value  # type: ignore[no-any-return]
    raise MissingFact(path)


def rounded(value: Any) -> Number:
    """The result of a whole calculation: to 6 places, halves away from zero; an int where it is whole."""
    if type(value) is int:
        return _bounded(value)
    places = _bounded(_exact(number(value)))
    if type(places) is int:
        return places
    result = _DIGITS.quantize(places, _SIX_PLACES)
    return int(result) if result == int(result) else result.normalize()


def _bounded(value: Number) -> Number:
    if -NUMBER_MAX <= value <= NUMBER_MAX:
        return value
    raise MissingFact(reason=NoNumber.TOO_LARGE)


def _operands(a: Any, b: Any) -> tuple[Decimal, Decimal]:
    return Decimal(_exact(number(a))), Decimal(_exact(number(b)))


def plus(a: Any, *more: Any) -> Number:
    """The sum of one or more numbers."""
    total: Number = _exact(number(a))
    for each in more:
        if type(total) is int and type(each) is int:
            total = _bounded(total + each)
        else:
            total = _bounded(_DIGITS.add(*_operands(total, each)))
    return total


def minus(a: Any, *more: Any) -> Number:
    """`a - b`; with one number its opposite."""
    a, b = (a, more[0]) if more else (0, a)
    if type(a) is int and type(b) is int:
        return _bounded(a - b)
    return _bounded(_DIGITS.subtract(*_operands(a, b)))


def times(a: Any, *more: Any) -> Number:
    """The product of one or more numbers. Each step is bounded, so that squaring again and again cannot grow."""
    total: Number = _exact(number(a))
    for each in more:
        if type(total) is int and type(each) is int:
            total = _bounded(_bounded(total) * _bounded(each))
        else:
            total = _bounded(_DIGITS.multiply(*_operands(total, each)))
    return total


def divided(a: Any, b: Any) -> Number:
    """`a / b`; an int where it is whole."""
    first, second = _operands(a, b)
    if not second:
        raise MissingFact(reason=NoNumber.DIVISION_BY_ZERO)
    if type(a) is int and type(b) is int and a % b == 0:
        return _bounded(a // b)
    return _bounded(_DIGITS.divide(first, second))


def remainder(a: Any, b: Any) -> Number:
    """What is left of `a / b`, with the sign of `a`."""
    first, second = _operands(a, b)
    if not second:
        raise MissingFact(reason=NoNumber.DIVISION_BY_ZERO)
    if type(a) is int and type(b) is int:
        left = abs(a) % abs(b)
        return _bounded(-left if a < 0 else left)
    try:
        return _bounded(_DIGITS.remainder(first, second))
    except InvalidOperation as unbounded:  # the quotient has more digits than we calculate with
        raise MissingFact(reason=NoNumber.TOO_LARGE) from unbounded


def least(*values: Any) -> Number:
    """The smallest of one or more numbers."""
    return min(_exact(number(each)) for each in values)


def greatest(*values: Any) -> Number:
    """The largest of one or more numbers."""
    return max(_exact(number(each)) for each in values)


# Lists and their items


def listed(value: Any) -> Sequence[Any] | None:
    """`value`, if it is a list of at most `ITEMS_MAX` items; else None."""
    kind = type(value)
    return value if (kind is list or kind is tuple) and len(value) <= ITEMS_MAX else None


def part(value: Any, steps: Sequence[str]) -> Any:
    """What stands at `steps` inside nested objects; None where a step is absent. Lists are not entered."""
    for step in steps:
        if not isinstance(value, Mapping):
            return None
        value = value.get(step)
    return value


def absent(facts: Mapping[str, Any], paths: Sequence[str]) -> list[str]:
    """Those of `paths` whose fact is missing, null or empty text."""
    return [path for path in paths if facts[path] is None or facts[path] == ""]
