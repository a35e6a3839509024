"""Conditions in words, phrase by phrase; each phrase knows which node of the rule it describes."""

from dataclasses import dataclass
from typing import Any

from engine.language.operators import OperatorFamily
from engine.language.parse import Literal, Node, Op, Var, parse
from engine.language.words.wording import OperandWords, word_list
from engine.vocabulary.fact import Catalogue, FactType


@dataclass(frozen=True, slots=True)
class Phrase:
    """A piece of a sentence. `path` is the JSON pointer of its node; the texts joined make the sentence."""

    text: str
    path: str


@dataclass(frozen=True, slots=True)
class ConditionWords:
    """Puts conditions into phrases, with operands in `words`."""

    words: OperandWords

    def text(self, node: Node) -> str:
        """The whole condition as one text."""
        return "".join(part.text for part in self.phrases(node))

    def phrases(self, node: Node, *, inner: bool = False) -> list[Phrase]:
        """The phrases of `node`; a group inside another group is put in brackets if it has several parts."""
        if isinstance(node, Op) and node.operator.family is OperatorFamily.GROUP:
            return self._group(node, inner=inner)
        if isinstance(node, Op) and node.name == "!" and _is_group(node.args[0]):
            return [Phrase("not ", node.path), *self.phrases(node.args[0], inner=True)]
        return [Phrase(self._row_text(node, "says"), node.path)]

    def _group(self, node: Op, *, inner: bool) -> list[Phrase]:
        phrases: list[Phrase] = []
        for index, arg in enumerate(node.args):
            if index:
                phrases.append(Phrase(f" {node.name} ", node.path))
            phrases += self.phrases(arg, inner=True)
        if inner and len(node.args) > 1:
            return [Phrase("(", node.path), *phrases, Phrase(")", node.path)]
        return phrases

    def _row_text(self, node: Node, how: str) -> str:
        """One row in words; `how` is "says", or "denies" for its opposite."""
        if isinstance(node, Literal):
            return "always" if bool(node.value) is (how == "says") else "never"
        if isinstance(node, Var):
            return self._truth(node, how)
        if _is_group(node):
            return self.text(node) if how == "says" else f"not ({self.text(node)})"
        words: str = getattr(self, f"_{node.operator.family}")(node, how)
        return words

    def _truth(self, node: Var, how: str) -> str:
        fact, label = self.words.fact(node), self.words.operand(node)
        if fact is None or fact.type is not FactType.BOOLEAN:
            return f"{label} is set" if how == "says" else f"{label} is not set"
        if " is " in label:
            return label if how == "says" else label.replace(" is ", " is not ", 1)
        return f"{label} is true" if how == "says" else f"{label} is false"

    def _negation(self, node: Op, how: str) -> str:
        opposite = {"says": "denies", "denies": "says"}[how]
        return self._row_text(node.args[0], opposite if node.name == "!" else how)

    def _choice(self, node: Op, how: str) -> str:
        words = self.words.operand(node)
        return words if how == "says" else f"not ({words})"

    def _equality(self, node: Op, how: str) -> str:
        left, right = sorted(node.args, key=lambda arg: isinstance(arg, Literal))
        if isinstance(right, Literal) and isinstance(right.value, bool) and isinstance(left, Var):
            is_affirmed = right.value is (node.operator.snippet == "==")
            return self._truth(left, how if is_affirmed else {"says": "denies", "denies": "says"}[how])
        return f"{self.words.operand(left)} {getattr(node.operator, how)} {self.words.operand(right, left)}"

    def _order(self, node: Op, how: str) -> str:
        if len(node.args) == 3:
            return self._between(node, how)
        left, right = node.args
        if isinstance(left, Literal) and not isinstance(right, Literal):
            mirrored = _MIRRORED[node.name][how == "denies"]
            return f"{self.words.operand(right)} {mirrored} {self.words.operand(left, right)}"
        return f"{self.words.operand(left, right)} {getattr(node.operator, how)} {self.words.operand(right, left)}"

    def _between(self, node: Op, how: str) -> str:
        low, middle, high = node.args
        verb = "is" if how == "says" else "is not"
        ends = " (both included)" if node.name == "<=" else " (both excluded)"
        limits = f"{self.words.operand(low)} and {self.words.operand(high, middle)}"
        return f"{self.words.operand(middle)} {verb} between {limits}{ends}"

    def _membership(self, node: Op, how: str) -> str:
        needle, haystack = node.args
        is_affirmed = how == "says"
        if isinstance(haystack, Literal) and isinstance(haystack.value, tuple):
            verb = getattr(node.operator, how) if len(haystack.value) > 1 else ("is" if is_affirmed else "is not")
            return f"{self.words.operand(needle)} {verb} {self.words.operand(haystack, needle)}"
        sought = self.words.operand(needle, haystack)
        if isinstance(haystack, Var) and haystack.fact in _HELD and not haystack.of_item:
            return f"player {_HELD[haystack.fact][0 if is_affirmed else 1]} {sought}"
        if isinstance(haystack, Literal):
            return f"{sought} {'is' if is_affirmed else 'is not'} part of {self.words.operand(haystack)}"
        return f"{self.words.operand(haystack)} {'contains' if is_affirmed else 'does not contain'} {sought}"

    def _arithmetic(self, node: Op, how: str) -> str:
        return f"{self.words.operand(node)} {'is set' if how == 'says' else 'is not set'}"

    def _iterator(self, node: Op, how: str) -> str:
        source, body = node.args
        which = node.operator.denies if how == "denies" and node.operator.denies else node.operator.says
        if node.name == "filter":
            which = "at least one of" if how == "says" else "none of"
        return f"for {which} {self.words.operand(source)}, {self.text(body)}"

    def _absence(self, node: Op, how: str) -> str:
        labels = [self.words.path(arg.value) for arg in node.args if isinstance(arg, Literal)]
        if how == "says":
            return f"{word_list(labels, 'or')} is missing"
        return f"{word_list(labels, 'and')} {'is' if len(labels) == 1 else 'are'} known"


def phrase(logic: Any, catalogue: Catalogue, at: str = "") -> list[Phrase]:
    """The phrases of a condition, in order; their texts joined read as a sentence. `at` is the pointer of `logic`.

    Logic that does not have the shape of the safe profile reads as "an unreadable condition".
    """
    node, _ = parse(logic, at)
    if node is None:
        return [Phrase("an unreadable condition", at)]
    return ConditionWords(OperandWords(catalogue)).phrases(node)


def _is_group(node: Node) -> bool:
    return isinstance(node, Op) and node.operator.family is OperatorFamily.GROUP


_HELD = {
    "player.badges": ("has the badge", "does not have the badge"),
    "player.segments": ("is in the segment", "is not in the segment"),
}
_MIRRORED = {
    "<": ("is above", "is not above"),
    "<=": ("is at least", "is not at least"),
    ">": ("is below", "is not below"),
    ">=": ("is at most", "is not at most"),
}
