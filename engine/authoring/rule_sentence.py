"""The whole rule as one sentence, phrase by phrase, each linked to the row that it speaks for. See TREE.md."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.authoring.forms.row_options import operator_words
from engine.authoring.jsonlogic.lower import lacking, row_logic
from engine.authoring.tree.comparisons import COMPARISONS
from engine.authoring.tree.conditions import parts
from engine.authoring.tree.nodes import Block, Group, Node, Row, Tree
from engine.documents.fields import put
from engine.kinds import KINDS
from engine.language.words.clauses import Clauses
from engine.language.words.conditions import Conditions
from engine.language.words.phrases import phrase
from engine.language.words.wording import Words
from engine.rules.sentences import sentence_of
from engine.vocabulary.fact import Catalogue

_HERE = re.compile("\x00([0-9]+)\x00")
"""Stands for a condition while the sentence around it is made; no name can hold it."""


@dataclass(frozen=True, slots=True)
class Told:
    """A piece of the sentence; `node` is the id of the row or group that it speaks for, None for the rest."""

    text: str
    node: str | None = None


def sentence(document: Mapping[str, Any], tree: Tree, catalogue: Catalogue) -> list[Told]:
    """The sentence of a rule whose condition is `tree`, also of one that is not finished; the texts join to it."""
    raw: Any = {**document, "name": document.get("name") or "…"}
    conditions: list[list[Told]] = []
    for part in parts(document, tree, catalogue) if document.get("kind") in KINDS else ():
        conditions.append(condition(part.tree, part.catalogue))
        raw = put(raw, part.at, f"\x00{len(conditions) - 1}\x00" if conditions[-1] else None)
    pieces = _HERE.split(sentence_of(raw, _Linked(Conditions(Words(catalogue)))))
    told = [Told(pieces[0])]
    for place, text in zip(pieces[1::2], pieces[2::2], strict=True):
        told += [*conditions[int(place)], Told(text)]
    return told


def text_of(told: list[Told]) -> str:
    """The sentence as plain text."""
    return "".join(each.text for each in told)


def condition(tree: Tree, catalogue: Catalogue) -> list[Told]:
    """The condition alone; empty where nothing is asked."""
    return _Telling(catalogue).group(tree, None)


def group_text(group: Group, catalogue: Catalogue) -> str:
    """What a group asks, also of one that is muted; a gap where it asks nothing."""
    return text_of(_Telling(catalogue).group(group, group.id)) or "…"


def row_text(node: Row | Block, catalogue: Catalogue) -> str:
    """One row or block in words; what is not filled in is a gap."""
    if isinstance(node, Block):
        return "".join(each.text for each in phrase(node.logic, catalogue))
    if not lacking(node):
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

    def node(self, node: Node) -> list[Told]:
        if node.is_muted:
            return []
        if isinstance(node, Group):
            return self.group(node, node.id)
        return [Told(row_text(node, self.catalogue), node.id)]

    def group(self, group: Group, link: str | None) -> list[Told]:
        parts = [told for told in map(self.node, group.rows) if told]
        if not parts:
            return []
        if len(parts) == 1 and group.mode in ("all", "any"):
            return parts[0]
        is_nested = any(len(part) > 1 for part in parts)
        opening, word = self._words(group, len(parts), link)
        comma = "," if is_nested else ""
        told = [Told(opening, link)] if opening else []
        for index, part in enumerate(parts):
            is_last = index == len(parts) - 1
            between = f"{comma} {word} " if is_last or is_nested or not opening or len(parts) == 2 else ", "
            told += [Told(between, link), *part] if index else part
        return told

    def _words(self, group: Group, many: int, link: str | None) -> tuple[str, str]:
        """What stands before the parts of a group, and between them."""
        if group.mode == "all":
            return ("" if link is None else "both " if many == 2 else "all of ", "and")
        if group.mode == "any":
            return "either ", "or"
        if group.mode == "none":
            return "not " if many == 1 else "none of ", "or"
        return f"at least {group.count or '…'} of ", "and"
