"""A draft as one sentence, finished or not, phrase by phrase, each linked to its row. See TREE.md."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.authoring.forms.row_options import operator_words
from engine.authoring.jsonlogic.lower import row_logic, what_is_missing
from engine.authoring.tree.comparisons import COMPARISONS
from engine.authoring.tree.conditions import draft_conditions
from engine.authoring.tree.nodes import ConditionGroup, ConditionRow, LogicBlock, Node, Tree
from engine.documents.fields import with_member
from engine.kinds import KINDS
from engine.language.words.clauses import ClauseWords
from engine.language.words.conditions import ConditionWords, phrase
from engine.language.words.wording import OperandWords
from engine.rules.rule_sentence import sentence_of
from engine.vocabulary.fact import Catalogue

_PLACEHOLDER = re.compile("\x00([0-9]+)\x00")
"""Stands for a condition while the sentence around it is made; no name can contain it."""


@dataclass(frozen=True, slots=True)
class SentencePiece:
    """A piece of the sentence; `node` is the id of the row or group it speaks for, None for the rest."""

    text: str
    node: str | None = None


def draft_sentence(document: Mapping[str, Any], tree: Tree, catalogue: Catalogue) -> list[SentencePiece]:
    """The sentence of a rule whose condition is `tree`, even of an unfinished one; the joined texts are the sentence.

    The sentence is made with a placeholder for each condition, so that the pieces of the condition, with their links,
    can take its place.
    """
    raw: Any = {**document, "name": document.get("name") or "…"}
    conditions: list[list[SentencePiece]] = []
    for part in draft_conditions(document, tree, catalogue) if document.get("kind") in KINDS else ():
        pieces = condition(part.tree, part.catalogue)
        raw = with_member(raw, part.at, f"\x00{len(conditions)}\x00" if pieces else None)
        conditions.append(pieces)
    text = sentence_of(raw, _ClausesWithPlaceholders(ConditionWords(OperandWords(catalogue))))
    first, *rest = _PLACEHOLDER.split(text)
    result = [SentencePiece(first)]
    for index, following in zip(rest[::2], rest[1::2], strict=True):
        result += [*conditions[int(index)], SentencePiece(following)]
    return result


def text_of(pieces: list[SentencePiece]) -> str:
    """The sentence as plain text."""
    return "".join(piece.text for piece in pieces)


def condition(tree: Tree, catalogue: Catalogue) -> list[SentencePiece]:
    """The condition alone; empty if nothing is asked."""
    return _ConditionWriter(catalogue).group(tree, None)


def group_text(group: ConditionGroup, catalogue: Catalogue) -> str:
    """What a group asks, even a muted one; a gap if it asks nothing."""
    return text_of(_ConditionWriter(catalogue).group(group, group.id)) or "…"


def row_text(node: ConditionRow | LogicBlock, catalogue: Catalogue) -> str:
    """One row or block in words; what is not filled in is a gap."""
    if isinstance(node, LogicBlock):
        return "".join(piece.text for piece in phrase(node.logic, catalogue))
    if not what_is_missing(node):
        return "".join(piece.text for piece in phrase(row_logic(node), catalogue))
    if not node.fact:
        return "…"
    fact = catalogue.fact(node.fact)
    operator = operator_words(fact, node.operator) if node.operator in COMPARISONS else "…"
    return f"{OperandWords(catalogue).path(node.fact)} {operator} …"


class _ClausesWithPlaceholders(ClauseWords):
    """Clauses that keep the placeholder of a draft's condition."""

    def condition(self, logic: Any) -> str:
        """The placeholder of a tree; other conditions in words."""
        is_placeholder = isinstance(logic, str) and _PLACEHOLDER.fullmatch(logic)
        return logic if is_placeholder else ClauseWords.condition(self, logic)


@dataclass(frozen=True, slots=True)
class _ConditionWriter:
    catalogue: Catalogue

    def node(self, node: Node) -> list[SentencePiece]:
        if node.is_muted:
            return []
        if isinstance(node, ConditionGroup):
            return self.group(node, node.id)
        return [SentencePiece(row_text(node, self.catalogue), node.id)]

    def group(self, group: ConditionGroup, link: str | None) -> list[SentencePiece]:
        """The pieces of a group; its own words link to `link`."""
        parts = [pieces for pieces in map(self.node, group.rows) if pieces]
        if not parts:
            return []
        if len(parts) == 1 and group.mode in ("all", "any"):
            return parts[0]
        opening, conjunction = self._words(group, len(parts), link)
        is_nested = any(len(part) > 1 for part in parts)
        comma = "," if is_nested else ""
        pieces = [SentencePiece(opening, link)] if opening else []
        for index, part in enumerate(parts):
            is_last = index == len(parts) - 1
            # "both a and b", "all of a, b and c"; around nested groups every part is set off: "a, and b, and c".
            repeats_conjunction = is_last or is_nested or not opening or len(parts) == 2
            if index:
                pieces.append(SentencePiece(f"{comma} {conjunction} " if repeats_conjunction else ", ", link))
            pieces += part
        return pieces

    def _words(self, group: ConditionGroup, count: int, link: str | None) -> tuple[str, str]:
        """The words before the parts of a group, and between them."""
        if group.mode == "all":
            if link is None:  # the rule's own conditions need no opening
                return "", "and"
            return "both " if count == 2 else "all of ", "and"
        if group.mode == "any":
            return "either ", "or"
        if group.mode == "none":
            return "not " if count == 1 else "none of ", "or"
        return f"at least {group.count or '…'} of ", "and"
