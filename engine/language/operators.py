"""The one table of operators, from which arity and type checks, compiled snippets, the reference and words come."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from engine.language import arithmetic, semantics


class OperatorFamily(StrEnum):
    """Operators that are checked, compiled and explained alike."""

    GROUP = "group"
    NEGATION = "negation"
    CHOICE = "choice"
    EQUALITY = "equality"
    ORDER = "order"
    MEMBERSHIP = "membership"
    ARITHMETIC = "arithmetic"
    ITERATOR = "iterator"
    ABSENCE = "absence"
    FACT = "fact"


@dataclass(frozen=True, slots=True)
class LogicOperator:
    """One operator of the safe profile.

    `least` and `most` say how many operands it takes. `function` calculates its result from values (None if not all
    operands are evaluated first), `snippet` is the same in Python for two plain numbers, empty if there is none; `says`
    and `denies` are its words between two operands.
    """

    name: str
    family: OperatorFamily
    least: int
    most: int
    says: str
    denies: str = ""
    function: Callable[..., Any] | None = None
    snippet: str = ""


_MANY = 100
_G, _N, _E, _O, _A, _I = (
    OperatorFamily.GROUP,
    OperatorFamily.NEGATION,
    OperatorFamily.EQUALITY,
    OperatorFamily.ORDER,
    OperatorFamily.ARITHMETIC,
    OperatorFamily.ITERATOR,
)

OPERATORS: dict[str, LogicOperator] = {
    operator.name: operator
    for operator in (
        LogicOperator("and", _G, 1, _MANY, "and"),
        LogicOperator("or", _G, 1, _MANY, "or"),
        LogicOperator("!", _N, 1, 1, "not", function=semantics.falsy),
        LogicOperator("!!", _N, 1, 1, "is set", "is not set", semantics.truthy),
        LogicOperator("if", OperatorFamily.CHOICE, 2, _MANY, "if"),
        LogicOperator("===", _E, 2, 2, "is", "is not", semantics.same, "=="),
        LogicOperator("==", _E, 2, 2, "is", "is not", semantics.same, "=="),
        LogicOperator("!==", _E, 2, 2, "is not", "is", semantics.differs, "!="),
        LogicOperator("!=", _E, 2, 2, "is not", "is", semantics.differs, "!="),
        LogicOperator("<", _O, 2, 3, "is below", "is not below", semantics.below, "<"),
        LogicOperator("<=", _O, 2, 3, "is at most", "is not at most", semantics.at_most, "<="),
        LogicOperator(">", _O, 2, 2, "is above", "is not above", semantics.above, ">"),
        LogicOperator(">=", _O, 2, 2, "is at least", "is not at least", semantics.at_least, ">="),
        LogicOperator("in", OperatorFamily.MEMBERSHIP, 2, 2, "is one of", "is none of", semantics.inside),
        LogicOperator("+", _A, 1, _MANY, "+", function=arithmetic.plus),
        LogicOperator("-", _A, 1, 2, "−", function=arithmetic.minus),
        LogicOperator("*", _A, 1, _MANY, "×", function=arithmetic.times),
        LogicOperator("/", _A, 2, 2, "÷", function=arithmetic.divided),
        LogicOperator("%", _A, 2, 2, "modulo", function=arithmetic.remainder),
        LogicOperator("min", _A, 1, _MANY, "the smaller of", function=arithmetic.least),
        LogicOperator("max", _A, 1, _MANY, "the larger of", function=arithmetic.greatest),
        LogicOperator("some", _I, 2, 2, "at least one of", "none of"),
        LogicOperator("all", _I, 2, 2, "each of", "not each of"),
        LogicOperator("none", _I, 2, 2, "none of", "at least one of"),
        LogicOperator("filter", _I, 2, 2, "those of"),
        LogicOperator("missing", OperatorFamily.ABSENCE, 1, _MANY, "is missing", "is known"),
        LogicOperator("var", OperatorFamily.FACT, 1, 2, ""),
    )
}

STRICT_NAMES = {"==": "===", "!=": "!=="}
"""Both are read as strict; nothing is coerced."""
