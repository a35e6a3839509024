"""What a row of a condition was compared with, how far it is from its threshold, and how to say what is missing."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.language import arithmetic, semantics
from engine.language.facts import MissingFact
from engine.language.interpret import value_of
from engine.language.operators import OperatorFamily
from engine.language.parse import Literal, Node, Op, Var
from engine.language.semantics import is_number
from engine.language.words.wording import OperandWords, value_text, word_list
from engine.vocabulary.fact import Fact, FactType

_COMPARED = (OperatorFamily.EQUALITY, OperatorFamily.ORDER, OperatorFamily.MEMBERSHIP)
_PLURALS = ((re.compile(r"ies\b"), "y"), (re.compile(r"(?<=sh|ch|ss)es\b"), ""), (re.compile(r"(?<!s)s\b"), ""))


@dataclass(frozen=True, slots=True)
class Measure:
    """The actual value of a row. `is_known` is false if an operand is missing or of another type than needed."""

    actual: Any = None
    have: Any = None
    need: Any = None
    is_known: bool = True
    fact: Fact | None = None
    label: str = ""


def measured(node: Node, facts: Mapping[str, Any], words: OperandWords) -> Measure:
    """The actual value of `node`, a row without inner rows. Raises nothing: what cannot be computed is not known."""
    if isinstance(node, Op) and node.name in ("!", "!!"):
        inner = measured(node.args[0], facts, words)
        return Measure(inner.actual, is_known=True, label=inner.label)
    if isinstance(node, Var):
        fact, actual = words.fact(node), value_of(node, facts)
        is_known = actual is not None or fact is None or fact.type is not FactType.BOOLEAN
        return Measure(actual, is_known=is_known, label=words.operand(node))
    if isinstance(node, Op) and node.operator.family is OperatorFamily.ITERATOR:
        return _iterated(node, facts, words)
    if isinstance(node, Op) and node.operator.family in _COMPARED:
        return _compared(node, facts, words)
    return Measure(value_of(node, facts), label="")


def _iterated(node: Op, facts: Mapping[str, Any], words: OperandWords) -> Measure:
    source, body = node.args
    actual, label = value_of(source, facts), words.operand(source)
    items = semantics.listed(actual)
    if items is None:
        return Measure(actual, is_known=False, label=label)
    matching = sum(_holds(body, facts, item) for item in items)
    need = {"all": len(items), "none": None}.get(node.name, 1)
    return Measure(actual, None if need is None else min(matching, need), need, label=label)


def _holds(body: Node, facts: Mapping[str, Any], item: Any) -> bool:
    try:
        return bool(value_of(body, facts, item))
    except MissingFact:
        return False


def _compared(node: Op, facts: Mapping[str, Any], words: OperandWords) -> Measure:
    values = [value_of(arg, facts) for arg in node.args]
    index_compared = next((index for index, arg in enumerate(node.args) if not isinstance(arg, Literal)), 0)
    label, actual = words.operand(node.args[index_compared]), _actual_value(node, values, index_compared)
    known = _comparable(node, values)
    measure = Measure(actual, is_known=known, fact=words.fact(node.args[index_compared]), label=label)
    if not known or node.operator.family is not OperatorFamily.ORDER or len(values) != 2 or not is_number(actual):
        return measure
    return _towards(node, values, index_compared, measure)


def _actual_value(node: Op, values: list[Any], index_compared: int) -> Any:
    """The value that a row compares; of a list that must contain something, only that, as the rest is irrelevant."""
    actual = values[index_compared]
    if node.operator.family is OperatorFamily.MEMBERSHIP and index_compared == 1 and isinstance(actual, list | tuple):
        return [item for item in actual if semantics.same(item, values[0])]
    return actual


def _towards(node: Op, values: list[Any], index_compared: int, measure: Measure) -> Measure:
    """Counts towards a threshold from below; other comparisons count nothing."""
    name = node.name if index_compared == 0 else {"<": ">", "<=": ">="}.get(node.name, "")
    if name not in (">", ">="):
        return measure
    actual, limit = values[index_compared], values[1 - index_compared]
    is_whole = type(actual) is int and type(limit) is int
    need = limit + 1 if name == ">" and is_whole else limit
    return Measure(actual, actual, need, fact=measure.fact, label=measure.label)


def _comparable(node: Op, values: list[Any]) -> bool:
    if any(value is None for value in values):
        return False
    if node.operator.family is OperatorFamily.MEMBERSHIP:
        return isinstance(values[1], list | tuple | str)
    if all(is_number(value) for value in values):
        return True
    return len({type(value) for value in values}) == 1 and isinstance(values[0], str | bool)


def still(text: str, measure: Measure) -> str:
    """What a row that does not hold still needs: "4 more assessments passed", or its text and the actual value."""
    if not measure.is_known:
        what = measure.label or text
        return f"{what} is not known" if measure.actual is None else f"{what} has another type"
    if measure.actual is None or isinstance(measure.actual, list | tuple):
        return text.removeprefix("player has ")
    fact, is_short = measure.fact, measure.need is not None and measure.need > measure.have
    if fact is None or not is_short or not fact.noun or fact.path == "player.level":
        return f"{text} (now {value_text(measure.actual)})"
    try:
        gap = arithmetic.rounded(arithmetic.minus(measure.need, measure.have))
    except MissingFact:  # further than we calculate: the distance means nothing
        return f"{text} (now {value_text(measure.actual)})"
    return f"{value_text(gap)} more {singular(fact.noun) if gap == 1 else fact.noun}"


def singular(noun: str) -> str:
    """The first plural word of `noun` in the singular: `assessments passed` → `assessment passed`."""
    first, *rest = noun.split(" ")
    for ending, instead in _PLURALS:
        if ending.search(first):
            return " ".join([ending.sub(instead, first), *rest])
    return noun


def joined(parts: Sequence[str]) -> str:
    """What several rows need, without repetition."""
    return word_list(list(dict.fromkeys(part for part in parts if part)), "and")


def shortest(parts: Sequence[str]) -> str:
    """What one of several rows needs: the shortest of them."""
    return min((part for part in parts if part), key=len, default="")
