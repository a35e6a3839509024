"""What arithmetic does with its values: decimal, bounded, rounded once at the end.

Whole numbers are calculated exactly, the rest with 40 digits. Operands that are missing or no numbers raise
`MissingFact`, and so does what has no bounded result. The compiler and the reference share these functions.
"""

from decimal import ROUND_HALF_UP, Context, Decimal, DivisionByZero, InvalidOperation
from typing import Any

from engine.logic.missing import MissingFact, NoNumber
from engine.logic.strict import Number, exact, is_number

NUMBER_MAX = 10**15
"""Results of arithmetic and constants lie within ± this."""

_DIGITS = Context(prec=40, rounding=ROUND_HALF_UP, traps=[InvalidOperation, DivisionByZero])
_SIX_PLACES = Decimal("0.000001")


def number(value: Any, path: str = "") -> Number | float:
    """`value`, if it is a number; raises `MissingFact(path)` if it is not."""
    if is_number(value):
        return value  # type: ignore[no-any-return]
    raise MissingFact(path)


def rounded(value: Any) -> Number:
    """The result of a whole calculation: to 6 places, halves away from zero; an int where it is whole."""
    if type(value) is int:
        return _bounded(value)
    places = _bounded(exact(number(value)))
    if type(places) is int:
        return places
    result = _DIGITS.quantize(places, _SIX_PLACES)
    return int(result) if result == int(result) else result.normalize()


def _bounded(value: Number) -> Number:
    if -NUMBER_MAX <= value <= NUMBER_MAX:
        return value
    raise MissingFact(reason=NoNumber.TOO_LARGE)


def _operands(a: Any, b: Any) -> tuple[Decimal, Decimal]:
    return Decimal(exact(number(a))), Decimal(exact(number(b)))


def plus(a: Any, *more: Any) -> Number:
    """The sum of one or more numbers."""
    total: Number = exact(number(a))
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
    total: Number = exact(number(a))
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
    return min(exact(number(each)) for each in values)


def greatest(*values: Any) -> Number:
    """The largest of one or more numbers."""
    return max(exact(number(each)) for each in values)
