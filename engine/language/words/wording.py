"""Operands in words: facts by their labels, values as people write them, calculations with their operators."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from engine.language.parse import Literal, Node, Op, Var
from engine.vocabulary.fact import NAMED_BY_RULES, Catalogue, Fact, FactType, humanise
from engine.vocabulary.known_facts import lower_first_word

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_PREFIXES = {"min": "the smaller of", "max": "the larger of"}


@dataclass(frozen=True, slots=True)
class OperandWords:
    """How operands are called, by the labels of a catalogue."""

    catalogue: Catalogue

    def fact(self, node: Node) -> Fact | None:
        """The fact that `node` reads, if it is one."""
        if not isinstance(node, Var) or node.of_item:
            return None
        return self.catalogue.fact(node.fact)

    def operand(self, node: Node, beside: Node | None = None) -> str:
        """`node` in words; `beside` is what it is compared with, whose unit and names a written value takes over."""
        if isinstance(node, Literal):
            return self.value(node.value, self.fact(beside) if beside else None)
        if isinstance(node, Op):
            return self._calculated(node)
        label = self._label(node)
        return label if node.default is None else f"{label} (else {self.value(node.default)})"

    def value(self, value: Any, fact: Fact | None = None) -> str:
        """A written or actual value in words, as a value of `fact`."""
        if isinstance(value, list | tuple):
            return word_list([self.value(item, fact) for item in value], "or")
        if fact is not None and fact.path == "time.weekday" and value in range(1, 8):
            return _WEEKDAYS[int(value) - 1]
        if fact is not None and fact.path in NAMED_BY_RULES and isinstance(value, str):
            return self.catalogue.names.get(value, humanise(value))
        if fact is not None and fact.path == "event.type" and isinstance(value, str):
            return humanise(value)
        words = value_text(value)
        is_counted = fact is not None and fact.unit and not isinstance(value, str | bool) and value is not None
        return words if not is_counted or fact is None or fact.unit == fact.label else f"{words} {counted(fact, value)}"

    def path(self, path: str) -> str:
        """How the fact at `path` is called inside a sentence."""
        fact = self.catalogue.fact(path)
        return lower_first_word(fact.label) if fact else humanise(path)

    def _label(self, node: Var) -> str:
        if node.of_item:
            return humanise(node.fact) or "it"
        return self.path(node.fact)

    def _calculated(self, node: Op) -> str:
        parts = [self._term(arg) for arg in node.args]
        if node.name in _PREFIXES:
            return f"{_PREFIXES[node.name]} {word_list(parts, 'and')}"
        if node.name == "if":
            return f"the outcome of {len(parts) // 2} conditions" if len(parts) > 3 else self._either(node)
        if node.name == "-" and len(parts) == 1:
            return f"−{parts[0]}"
        return f" {node.operator.says} ".join(parts)

    def _term(self, node: Node) -> str:
        words = self.operand(node)
        return f"({words})" if isinstance(node, Op) and node.name not in _PREFIXES and len(node.args) > 1 else words

    def _either(self, node: Op) -> str:
        from engine.language.words.conditions import ConditionWords  # conditions hold operands, and here the reverse

        test, then, *rest = node.args
        words = f"{self.operand(then)} if {ConditionWords(self).text(test)}"
        return f"{words}, else {self.operand(rest[0])}" if rest else words


def value_text(value: Any) -> str:
    """A value as people write it: numbers without superfluous zeros, text in quotes where it would not stand out."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value if value.isalnum() or _is_one_word(value) else f"“{value}”"
    if isinstance(value, dict | list | tuple):
        return "a list" if not isinstance(value, dict) else "an object"
    if isinstance(value, int):
        return f"{value:,}".replace(",", "\N{NARROW NO-BREAK SPACE}") if abs(value) >= 10_000 else str(value)
    exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    return f"{exact.normalize():f}"


def _is_one_word(text: str) -> bool:
    return bool(text) and all(char.isalnum() or char in "-_.:/" for char in text)


def counted(fact: Fact, value: Any) -> str:
    """The unit of `fact` for `value` of it: 1 day, 7 days."""
    unit = fact.unit or ""
    return unit[:-1] if value == 1 and unit.endswith("s") and fact.type is FactType.NUMBER else unit


def word_list(parts: Sequence[str], word: str) -> str:
    """`a, b or c`; of many only the first eight and how many more."""
    if len(parts) > 9:
        parts = [*parts[:8], f"{len(parts) - 8} more"]
    return f" {word} ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else "".join(parts)
