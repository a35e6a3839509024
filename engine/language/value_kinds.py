"""Types of values: what a written value is, and which types may be compared."""

from typing import Any

from engine.language.parse import Literal, Node
from engine.language.semantics import moment_of
from engine.vocabulary.fact import Fact, FactType

BOOLEAN = Fact("", "the result", FactType.BOOLEAN)
NUMBER = Fact("", "the calculation", FactType.NUMBER)
LISTS = (FactType.TEXTS, FactType.LIST)
WORDS = {
    FactType.NUMBER: "a number",
    FactType.TEXT: "a text",
    FactType.BOOLEAN: "true or false",
    FactType.DATE: "a date",
    FactType.TEXTS: "a list of texts",
    FactType.LIST: "a list",
    FactType.UNKNOWN: "unknown",
}


def written(value: Any) -> Fact | None:
    """What a written value is; None for null."""
    if value is None:
        return None
    if isinstance(value, tuple):
        texts = all(isinstance(item, str) for item in value)
        return Fact("", "the list", FactType.TEXTS if texts else FactType.LIST)
    if isinstance(value, bool):
        return BOOLEAN
    return Fact("", "the value", FactType.TEXT if isinstance(value, str) else FactType.NUMBER)


def item_of(source: Fact) -> Fact:
    """What the items of the list `source` are, as a fact."""
    if source.type is not FactType.TEXTS:
        return Fact("", "the item", FactType.UNKNOWN)
    return Fact(source.path, source.label, FactType.TEXT, choices=source.choices, is_closed=source.is_closed)


def fits(fact: Fact, other: Fact, value: Any) -> bool:
    """Whether `fact` may be compared with `other`; `value` is what `other` is written as, None if it is not."""
    kinds = {fact.type, other.type}
    if FactType.UNKNOWN in kinds or len(kinds) == 1:
        return True
    return kinds == {FactType.DATE, FactType.TEXT} and (value is None or is_dated(value))


def has_order(fact: Fact, node: Node) -> bool:
    """Whether `node`, described by `fact`, may be an operand of `<`: numbers, dates, and facts that may be such."""
    if isinstance(node, Literal):
        return fact.type is FactType.NUMBER or (fact.type is FactType.TEXT and is_dated(node.value))
    return fact.type in (FactType.NUMBER, FactType.DATE, FactType.TEXT, FactType.UNKNOWN)


def is_dated(value: Any) -> bool:
    """Whether a text is a date or a moment, as in 2026-11-20 or 2026-11-20T08:00:00+01:00."""
    return isinstance(value, str) and moment_of(value) is not None
