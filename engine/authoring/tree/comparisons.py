"""The one table of row operators: the types they are for, their words, what they take and the JsonLogic they become."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from engine.vocabulary.fact import FactType

N, T, B, D, S, L, U = (
    FactType.NUMBER,
    FactType.TEXT,
    FactType.BOOLEAN,
    FactType.DATE,
    FactType.TEXTS,
    FactType.LIST,
    FactType.UNKNOWN,
)
FACT = "fact"


class Takes(StrEnum):
    """What a comparison needs besides its fact."""

    ONE = "one"
    TWO = "two"
    SEVERAL = "several"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Comparison:
    """One row operator. `words` are those for each type it is offered for; `spoken` is for a row of another type.

    `lower` makes JsonLogic of the fact as an operand, the value as an operand, and the path of the fact.
    """

    key: str
    takes: Takes
    spoken: str
    words: Mapping[FactType, str]
    lower: Callable[[Any, Any, str], Any] = field(repr=False)


def _two(name: str) -> Callable[[Any, Any, str], Any]:
    return lambda fact, value, _: {name: [fact, value]}


def _not(lower: Callable[[Any, Any, str], Any]) -> Callable[[Any, Any, str], Any]:
    return lambda fact, value, path: {"!": lower(fact, value, path)}


def _one_of(fact: Any, value: Any, _: str) -> Any:
    return {"in": [fact, value]}


def _contains(fact: Any, value: Any, _: str) -> Any:
    return {"in": [value, fact]}


def _each(name: str) -> Callable[[Any, Any, str], Any]:
    return lambda fact, value, _: {name: [{"in": [part, fact]} for part in value]}


def _absent(_fact: Any, _value: Any, path: str) -> Any:
    return {"missing": [path]}


def _holds(fact: Any, _value: Any, _path: str) -> Any:
    return fact


def _between(fact: Any, value: Any, _: str) -> Any:
    return {"<=": [value[0], fact, value[1]]}


_SET = dict.fromkeys((T, B, D, S, L, U, N), "is set")
_NOT_SET = dict.fromkeys((T, B, D, S, L, U, N), "is not set")
_ONE, _SEVERAL, _NOTHING = Takes.ONE, Takes.SEVERAL, Takes.NOTHING

COMPARISONS: dict[str, Comparison] = {
    comparison.key: comparison
    for comparison in (
        Comparison(
            "at_least", _ONE, "is at least", {N: "is at least", D: "is on or after", U: "is at least"}, _two(">=")
        ),
        Comparison("at_most", _ONE, "is at most", {N: "is at most", D: "is on or before", U: "is at most"}, _two("<=")),
        Comparison("above", _ONE, "is above", {N: "is above", D: "is after", U: "is above"}, _two(">")),
        Comparison("below", _ONE, "is below", {N: "is below", D: "is before", U: "is below"}, _two("<")),
        Comparison("is", _ONE, "is", dict.fromkeys((N, T, B, D, U), "is"), _two("===")),
        Comparison("is_not", _ONE, "is not", dict.fromkeys((N, T, D, U), "is not"), _two("!==")),
        Comparison("between", Takes.TWO, "is between", dict.fromkeys((N, D, U), "is between"), _between),
        Comparison("one_of", _SEVERAL, "is one of", dict.fromkeys((T, N, U), "is one of"), _one_of),
        Comparison("none_of", _SEVERAL, "is none of", dict.fromkeys((T, N, U), "is none of"), _not(_one_of)),
        Comparison(
            "contains", _ONE, "contains", {S: "contains", L: "contains", T: "has in it", U: "contains"}, _contains
        ),
        Comparison(
            "lacks",
            _ONE,
            "does not contain",
            {S: "does not contain", L: "does not contain", T: "has not in it", U: "does not contain"},
            _not(_contains),
        ),
        Comparison("has_any", _SEVERAL, "contains any of", {S: "contains any of"}, _each("or")),
        Comparison("has_all", _SEVERAL, "contains all of", {S: "contains all of"}, _each("and")),
        Comparison("has_none", _SEVERAL, "contains none of", {S: "contains none of"}, _not(_each("or"))),
        Comparison("holds", _NOTHING, "is not empty", {S: "is not empty", L: "is not empty"}, _holds),
        Comparison("holds_not", _NOTHING, "is empty", {S: "is empty", L: "is empty"}, _not(_holds)),
        Comparison("is_set", _NOTHING, "is set", _SET, _not(_absent)),
        Comparison("is_not_set", _NOTHING, "is not set", _NOT_SET, _absent),
    )
}
"""In the order of the operator list; the first that is offered for a type is what a new row begins with."""

_FIRST = {T: "is", B: "is", U: "is", S: "contains", L: "contains"}


def offered(kind: FactType) -> list[Comparison]:
    """The comparisons for facts of this type, the usual one first."""
    suitable = [comparison for comparison in COMPARISONS.values() if kind in comparison.words]
    usual = _FIRST.get(kind, "at_least")
    return sorted(suitable, key=lambda comparison: comparison.key != usual)


def other_fact(value: Any) -> str | None:
    """The path of the other fact that a value names; empty while none is chosen, None for a written value."""
    return str(value.get(FACT) or "") if isinstance(value, dict) else None


def is_complete(comparison: Comparison, value: Any) -> bool:
    """Whether `value` is all that the comparison needs."""
    if comparison.takes is Takes.NOTHING:
        return True
    if comparison.takes is Takes.ONE:
        other = other_fact(value)
        if other is not None:
            return bool(other)
        return not _is_blank(value) and not isinstance(value, list)
    if not isinstance(value, list) or any(_is_blank(part) or isinstance(part, dict | list) for part in value):
        return False
    return len(value) == 2 if comparison.takes is Takes.TWO else bool(value)


def _is_blank(value: Any) -> bool:
    return value is None or value == ""
