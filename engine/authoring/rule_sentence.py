"""The whole rule as one sentence, phrase by phrase, each linked to the row that it speaks for. See TREE.md."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.authoring.forms.row_options import operator_words
from engine.authoring.jsonlogic.lower import row_logic, what_is_missing
from engine.authoring.tree.comparisons import COMPARISONS
from engine.authoring.tree.conditions import draft_conditions
from engine.authoring.tree.nodes import ConditionGroup, ConditionRow, LogicBlock, Node, Tree
from engine.documents.fields import put
from engine.kinds import KINDS
from engine.language.words.clauses import Clauses
from engine.language.words.conditions import Conditions, phrase
from engine.language.words.wording import Words
from engine.rules.sentences import sentence_of
from engine.vocabulary.fact import Catalogue

_HERE = re.compile("\x00([0-9]+)\x00")
"""Stands for a condition while the sentence around it is made; no name can hold it."""


@dataclass(frozen=True, slots=True)
class SentencePiece:
    """A piece of the sentence; `node` is the id of the row or group that it speaks for, None for the rest."""

    text: str
    node: str | None = None


def sentence(document: Mapping[str, Any], tree: Tree, catalogue: Catalogue) -> list[SentencePiece]:
    """The sentence of a rule whose condition is `tree`, also of one that is not finished; the texts join to it."""
    raw: Any = {**document, "name": document.get("name") or "…"}
    conditions: list[list[SentencePiece]] = []
    for part in draft_conditions(document, tree, catalogue) if document.get("kind") in KINDS else ():
        conditions.append(condition(part.tree, part.catalogue))
        raw = put(raw, part.at, f"\x00{len(conditions) - 1}\x00" if conditions[-1] else None)
    pieces = _HERE.split(sentence_of(raw, _Linked(Conditions(Words(catalogue)))))
    told = [SentencePiece(pieces[0])]
    for place, text in zip(pieces[1::2], pieces[2::2], strict=True):
        told += [*conditions[int(place)], SentencePiece(text)]
    return told


def text_of(told: list[SentencePiece]) -> str:
    """The sentence as plain text."""
    return "".join(each.text for each in told)


def condition(tree: Tree, catalogue: Catalogue) -> list[SentencePiece]:
    """The condition alone; empty where nothing is asked."""
    return _Telling(catalogue).group(tree, None)


def group_text(group: ConditionGroup, catalogue: Catalogue) -> str:
    """What a group asks, also of one that is muted; a gap where it asks nothing."""
    return text_of(_Telling(catalogue).group(group, group.id)) or "…"


def row_text(node: ConditionRow | LogicBlock, catalogue: Catalogue) -> str:
    """One row or block in words; what is not filled in is a gap."""
    if isinstance(node, LogicBlock):
        return "".join(each.text for each in phrase(node.logic, catalogue))
    if not what_is_missing(node):
        return "".join(each.text for each in phrase(row_logic(node), catalogue))
    if not node.fact:
        return "…"
    fact = catalogue.fact(node.fact)
    operator = operator_words(fact, node.operator) if node.operator in COMPARISONS else "…"
    return f"{Words(catalogue).path(node.fact)} {operator} …"


class _Linked(Clauses):
    """Clauses that leave a gap where a condition of the draft stands."""

    def condition(self, logic: Any) -> str:
        """The gap for a tree; other conditions in words."""
        return logic if isinstance(logic, str) and _HERE.fullmatch(logic) else Clauses.condition(self, logic)


@dataclass(frozen=True, slots=True)
class _Telling:
    catalogue: Catalogue

    def node(self, node: Node) -> list[SentencePiece]:
        if node.is_muted:
            return []
        if isinstance(node, ConditionGroup):
            return self.group(node, node.id)
        return [SentencePiece(row_text(node, self.catalogue), node.id)]

    def group(self, group: ConditionGroup, link: str | None) -> list[SentencePiece]:
        draft_conditions = [told for told in map(self.node, group.rows) if told]
        if not draft_conditions:
            return []
        if len(draft_conditions) == 1 and group.mode in ("all", "any"):
            return draft_conditions[0]
        is_nested = any(len(part) > 1 for part in draft_conditions)
        opening, word = self._words(group, len(draft_conditions), link)
        comma = "," if is_nested else ""
        told = [SentencePiece(opening, link)] if opening else []
        for index, part in enumerate(draft_conditions):
            is_last = index == len(draft_conditions) - 1
            between = f"{comma} {word} " if is_last or is_nested or not opening or len(draft_conditions) == 2 else ", "
            told += [SentencePiece(between, link), *part] if index else part
        return told

    def _words(self, group: ConditionGroup, many: int, link: str | None) -> tuple[str, str]:
        """What stands before the parts of a group, and between them."""
        if group.mode == "all":
            return ("" if link is None else "both " if many == 2 else "all of ", "and")
        if group.mode == "any":
            return "either ", "or"
        if group.mode == "none":
            return "not " if many == 1 else "none of ", "or"
        return f"at least {group.count or '…'} of ", "and"
