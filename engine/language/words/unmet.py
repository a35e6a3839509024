"""What was found for one row, how far it is from its threshold, and how to say what is still missing."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.language import arithmetic, semantics
from engine.language.interpret import value_of
from engine.language.missing_facts import MissingFact
from engine.language.operators import OperatorFamily
from engine.language.parse import Literal, Node, Op, Var
from engine.language.semantics import is_number
from engine.language.words.wording import OperandWords, value_text, word_list
from engine.vocabulary.fact import Fact, FactType

_COMPARED = (OperatorFamily.EQUALITY, OperatorFamily.ORDER, OperatorFamily.MEMBERSHIP)
_PLURALS = ((re.compile(r"ies\b"), "y"), (re.compile(r"(?<=sh|ch|ss)es\b"), ""), (re.compile(r"(?<!s)s\b"), ""))


@dataclass(frozen=True, slots=True)
class Measure:
    """What a row found. `is_known` is false where an operand is missing or of another type than the rule needs."""

    actual: Any = None
    have: Any = None
    need: Any = None
    is_known: bool = True
    fact: Fact | None = None
    label: str = ""


def measured(node: Node, facts: Mapping[str, Any], words: OperandWords) -> Measure:
    """What `node`, a row without rows of its own, found. Raises nothing: what cannot be told is not known."""
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
    found, label = value_of(source, facts), words.operand(source)
    items = semantics.listed(found)
    if items is None:
        return Measure(found, is_known=False, label=label)
    kept = sum(_holds(body, facts, item) for item in items)
    need = {"all": len(items), "none": None}.get(node.name, 1)
    return Measure(found, None if need is None else min(kept, need), need, label=label)


def _holds(body: Node, facts: Mapping[str, Any], item: Any) -> bool:
    try:
        return bool(value_of(body, facts, item))
    except MissingFact:
        return False


def _compared(node: Op, facts: Mapping[str, Any], words: OperandWords) -> Measure:
    values = [value_of(arg, facts) for arg in node.args]
    asked = next((index for index, arg in enumerate(node.args) if not isinstance(arg, Literal)), 0)
    label, actual = words.operand(node.args[asked]), _asked_of(node, values, asked)
    known = _comparable(node, values)
    measure = Measure(actual, is_known=known, fact=words.fact(node.args[asked]), label=label)
    if not known or node.operator.family is not OperatorFamily.ORDER or len(values) != 2 or not is_number(actual):
        return measure
    return _towards(node, values, asked, measure)


def _asked_of(node: Op, values: list[Any], asked: int) -> Any:
    """The value that a row asks about; of a list that shall hold something, only that, as the rest is no news."""
    found = values[asked]
    if node.operator.family is OperatorFamily.MEMBERSHIP and asked == 1 and isinstance(found, list | tuple):
        return [each for each in found if semantics.same(each, values[0])]
    return found


def _towards(node: Op, values: list[Any], asked: int, measure: Measure) -> Measure:
    """Counts towards a threshold from below; other comparisons count nothing."""
    name = node.name if asked == 0 else {"<": ">", "<=": ">="}.get(node.name, "")
    if name not in (">", ">="):
        return measure
    actual, limit = values[asked], values[1 - asked]
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
    """What a row that does not hold still needs: "4 more assessments passed", or its text and what is there instead."""
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
    except MissingFact:  # further than we calculate: the distance is no news
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
    """What several rows need, all of it, each thing once."""
    return word_list(list(dict.fromkeys(part for part in parts if part)), "and")


def shortest(parts: Sequence[str]) -> str:
    """What one of several rows needs: the one that is said in the fewest words."""
    return min((part for part in parts if part), key=len, default="")
