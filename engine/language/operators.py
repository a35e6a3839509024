"""The one table of operators. Arity and type checks, compiled snippets, the reference and the wording come from it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from engine.language import arithmetic, semantics


class Family(StrEnum):
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
class Operator:
    """One operator of the safe profile.

    `function` calculates its result from values (None where the operands are not all evaluated first), `snippet` is the
    same in Python for two plain numbers, empty where there is none; `says` and `denies` word it between two operands.
    """

    name: str
    family: Family
    least: int
    most: int
    says: str
    denies: str = ""
    function: Callable[..., Any] | None = None
    snippet: str = ""


_MANY = 100
_G, _N, _E, _O, _A, _I = (
    Family.GROUP,
    Family.NEGATION,
    Family.EQUALITY,
    Family.ORDER,
    Family.ARITHMETIC,
    Family.ITERATOR,
)

OPERATORS: dict[str, Operator] = {
    each.name: each
    for each in (
        Operator("and", _G, 1, _MANY, "and"),
        Operator("or", _G, 1, _MANY, "or"),
        Operator("!", _N, 1, 1, "not", function=semantics.falsy),
        Operator("!!", _N, 1, 1, "is set", "is not set", semantics.truthy),
        Operator("if", Family.CHOICE, 2, _MANY, "if"),
        Operator("===", _E, 2, 2, "is", "is not", semantics.same, "=="),
        Operator("==", _E, 2, 2, "is", "is not", semantics.same, "=="),
        Operator("!==", _E, 2, 2, "is not", "is", semantics.differs, "!="),
        Operator("!=", _E, 2, 2, "is not", "is", semantics.differs, "!="),
        Operator("<", _O, 2, 3, "is below", "is not below", semantics.below, "<"),
        Operator("<=", _O, 2, 3, "is at most", "is not at most", semantics.at_most, "<="),
        Operator(">", _O, 2, 2, "is above", "is not above", semantics.above, ">"),
        Operator(">=", _O, 2, 2, "is at least", "is not at least", semantics.at_least, ">="),
        Operator("in", Family.MEMBERSHIP, 2, 2, "is one of", "is none of", semantics.inside),
        Operator("+", _A, 1, _MANY, "+", function=arithmetic.plus),
        Operator("-", _A, 1, 2, "−", function=arithmetic.minus),
        Operator("*", _A, 1, _MANY, "×", function=arithmetic.times),
        Operator("/", _A, 2, 2, "÷", function=arithmetic.divided),
        Operator("%", _A, 2, 2, "modulo", function=arithmetic.remainder),
        Operator("min", _A, 1, _MANY, "the smaller of", function=arithmetic.least),
        Operator("max", _A, 1, _MANY, "the larger of", function=arithmetic.greatest),
        Operator("some", _I, 2, 2, "at least one of", "none of"),
        Operator("all", _I, 2, 2, "each of", "not each of"),
        Operator("none", _I, 2, 2, "none of", "at least one of"),
        Operator("filter", _I, 2, 2, "those of"),
        Operator("missing", Family.ABSENCE, 1, _MANY, "is missing", "is known"),
        Operator("var", Family.FACT, 1, 2, ""),
    )
}

STRICT_NAMES = {"==": "===", "!=": "!=="}
"""Both are read as strict; nothing is coerced."""
