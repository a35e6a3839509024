"""A formula taken apart for one set of facts: its terms or factors in words, each with its value."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.language.arithmetic import rounded
from engine.language.facts import MissingFact
from engine.language.interpret import value_of
from engine.language.parse import Literal, Op, parse
from engine.language.semantics import Number, is_number
from engine.language.words.wording import OperandWords, value_text

_TAKEN_APART = {"*": "×", "+": "+"}


@dataclass(frozen=True, slots=True)
class FormulaPart:
    """A term or factor: its value, and in words what it is; no words for a number that was written."""

    value: Number
    words: str = ""

    @property
    def text(self) -> str:
        """`1.25 (1 + 0.05 × daily streak)`, or the number alone."""
        return f"{value_text(self.value)} ({self.words})" if self.words else value_text(self.value)


@dataclass(frozen=True, slots=True)
class FormulaParts:
    """The parts of a sum or product, and what they amount to; one part alone where it is neither."""

    value: Number
    sign: str
    parts: tuple[FormulaPart, ...]

    @property
    def text(self) -> str:
        """`50 × 1.25 (1 + 0.05 × daily streak)`."""
        return f" {self.sign} ".join(part.text for part in self.parts)


def formula_parts(logic: Any, facts: Mapping[str, Any], words: OperandWords) -> FormulaParts | None:
    """Take an admitted formula apart; None for a plain number, or where a calculation has no answer."""
    node, _ = parse(logic)
    if node is None or is_number(logic):
        return None
    is_split = isinstance(node, Op) and node.name in _TAKEN_APART and len(node.args) > 1
    args = node.args if is_split and isinstance(node, Op) else (node,)
    sign = _TAKEN_APART[node.name] if is_split and isinstance(node, Op) else ""
    try:
        parts = tuple(
            FormulaPart(rounded(value_of(arg, facts)), "" if isinstance(arg, Literal) else words.operand(arg))
            for arg in args
        )
        return FormulaParts(rounded(value_of(node, facts)), sign, parts)
    except MissingFact:
        return None
