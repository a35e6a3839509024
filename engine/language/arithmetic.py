"""Arithmetic of rules: decimal, bounded, rounded once at the end.

Whole numbers are calculated exactly, the rest with 40 digits. Operands that are missing or not numbers raise
`MissingFact`, and so does a calculation without a bounded result. The compiler and the reference share these functions.
"""

from decimal import ROUND_HALF_UP, Context, Decimal, DivisionByZero, InvalidOperation
from typing import Any

from engine.language.facts import MissingFact, NoAnswerReason
from engine.language.semantics import Number, exact, is_number

NUMBER_MAX = 10**15
"""Results of arithmetic and constants lie within ± this."""

_DIGITS = Context(prec=40, rounding=ROUND_HALF_UP, traps=[InvalidOperation, DivisionByZero])
_SIX_PLACES = Decimal("0.000001")
_LARGEST = Decimal(NUMBER_MAX)


def number(value: Any, path: str = "") -> Number | float:
    """`value`, if it is a number; raises `MissingFact(path)` if not. All functions below take numbers for granted."""
    if is_number(value):
        return value  # type: ignore[no-any-return]
    raise MissingFact(path)


def rounded(value: Any) -> Number:
    """The result of a whole calculation: to 6 places, halves away from zero; an int if it is whole."""
    if type(value) is int:
        return _whole(value)
    places = _DIGITS.quantize(_fraction(exact(value)), _SIX_PLACES)
    return int(places) if places == places.to_integral_value() else places.normalize()


def _whole(value: int) -> int:
    if -NUMBER_MAX <= value <= NUMBER_MAX:
        return value
    raise MissingFact(reason=NoAnswerReason.TOO_LARGE)


def _fraction(value: Any) -> Decimal:
    if -_LARGEST <= value <= _LARGEST:
        return value  # type: ignore[no-any-return]
    raise MissingFact(reason=NoAnswerReason.TOO_LARGE)


def plus(a: Any, *more: Any) -> Number:
    """The sum of one or more numbers."""
    total = exact(a)
    for term in more:
        are_whole = type(total) is type(term) is int
        total = _whole(total + term) if are_whole else _fraction(_DIGITS.add(total, exact(term)))
    return total


def minus(a: Any, *more: Any) -> Number:
    """`a - b`; with one number, its negation."""
    a, b = (a, more[0]) if more else (0, a)
    if type(a) is type(b) is int:
        return _whole(a - b)
    return _fraction(_DIGITS.subtract(exact(a), exact(b)))


def times(a: Any, *more: Any) -> Number:
    """The product of one or more numbers. Each step is bounded, so that repeated squaring cannot grow."""
    total = exact(a)
    for factor in more:
        are_whole = type(total) is type(factor) is int
        total = _whole(total * factor) if are_whole else _fraction(_DIGITS.multiply(total, exact(factor)))
    return total


def divided(a: Any, b: Any) -> Number:
    """`a / b`; an int if it is whole."""
    if not b:
        raise MissingFact(reason=NoAnswerReason.DIVISION_BY_ZERO)
    if type(a) is type(b) is int and a % b == 0:
        return _whole(a // b)
    return _fraction(_DIGITS.divide(exact(a), exact(b)))


def remainder(a: Any, b: Any) -> Number:
    """The remainder of `a / b`, with the sign of `a`."""
    if not b:
        raise MissingFact(reason=NoAnswerReason.DIVISION_BY_ZERO)
    if type(a) is type(b) is int:
        left = abs(a) % abs(b)
        return _whole(-left if a < 0 else left)
    try:
        return _fraction(_DIGITS.remainder(exact(a), exact(b)))
    except InvalidOperation as unbounded:  # the quotient has more digits than we calculate with
        raise MissingFact(reason=NoAnswerReason.TOO_LARGE) from unbounded


def least(*values: Any) -> Number:
    """The smallest of one or more numbers."""
    return min(map(exact, values))


def greatest(*values: Any) -> Number:
    """The largest of one or more numbers."""
    return max(map(exact, values))
