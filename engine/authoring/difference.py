"""What changed between two versions of a rule: row by row, field by field, and word by word."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Any

from engine.authoring.draft_sentence import row_text
from engine.authoring.forms.field_words import value_words
from engine.authoring.tree.conditions import DraftCondition, draft_conditions, without_trees
from engine.authoring.tree.nodes import ConditionGroup, ConditionRow, LogicBlock, Node, Tree, parent_of, walk
from engine.documents.fields import all_fields, member_at
from engine.kinds import KINDS
from engine.vocabulary.fact import Catalogue

Version = tuple[Mapping[str, Any], Tree]
"""A document without its condition, and the condition as a tree."""
_MODES = {"all": "all of these", "any": "any of these", "none": "none of these"}


@dataclass(frozen=True, slots=True)
class Change:
    """One line of a diff. `sign` is "+" (added), "-" (removed), "~" (changed), "∅" (muted or unmuted), " " (unchanged).

    `number` is the row's, or the field's label; for an added or changed row the number it has now.
    """

    sign: str
    number: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class WordRun:
    """Consecutive words that stayed ("same"), were removed ("del") or were added ("ins")."""

    kind: str
    text: str


def difference(before: Version | None, after: Version, catalogue: Catalogue) -> list[Change]:
    """Every row of both versions in the order of the page, then the fields that changed; all added without `before`."""
    old = before or ({"kind": after[0].get("kind")}, ConditionGroup())
    rows = [
        change
        for old_condition, new_condition in _condition_pairs(old, after, catalogue)
        for change in _changed_rows(old_condition, new_condition)
    ]
    return [*rows, *_changed_fields(without_trees(old[0]), without_trees(after[0]), catalogue)]


def _condition_pairs(
    before: Version, after: Version, catalogue: Catalogue
) -> Iterator[tuple[DraftCondition, DraftCondition]]:
    """Each condition before and after; one that exists on one side only is paired with an empty one."""
    old = {condition.at: condition for condition in draft_conditions(*before, catalogue)}
    new = {condition.at: condition for condition in draft_conditions(*after, catalogue)}
    for at in dict.fromkeys([*new, *old]):
        condition = new.get(at) or old[at]
        empty = replace(condition, tree=replace(condition.tree, rows=()))
        yield old.get(at, empty), new.get(at, empty)


def word_difference(before: str, after: str) -> list[WordRun]:
    """Two sentences as one, with the words removed and added."""
    old, new = before.split(" "), after.split(" ")
    runs: list[WordRun] = []
    for tag, old_from, old_to, new_from, new_to in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        removed, added = old[old_from:old_to], new[new_from:new_to]
        if tag == "equal":
            runs.append(WordRun("same", " ".join(removed)))
            continue
        if removed:
            runs.append(WordRun("del", " ".join(removed)))
        if added:
            runs.append(WordRun("ins", " ".join(added)))
    return runs


def _changed_rows(old_condition: DraftCondition, new_condition: DraftCondition) -> Iterator[Change]:
    """Rows by their ids: those of the new tree in its order, each removed one where it was."""
    old_side, new_side = _Side(old_condition), _Side(new_condition)
    old_nodes = {node.id: node for node in walk(old_side.tree)}
    new_ids = {node.id for node in walk(new_side.tree)}
    removed = [node for node in walk(old_side.tree) if node.id not in new_ids]
    for node in walk(new_side.tree):
        yield from _change(old_nodes.get(node.id), node, old_side, new_side)
        here = [gone for gone in removed if _was_after(old_side.tree, gone, node.id)]
        yield from map(old_side.removal, here)
        removed = [gone for gone in removed if gone not in here]
    yield from map(old_side.removal, removed)


def _change(old: Node | None, node: Node, old_side: "_Side", new_side: "_Side") -> Iterator[Change]:
    number, text = new_side.numbers[node.id], new_side.text(node)
    if old is None:
        yield Change("+", number, "", text)
        return
    old_text, is_root = old_side.text(old), node.id == new_side.tree.id
    has_moved = not is_root and _parent_id(old_side.tree, node.id) != _parent_id(new_side.tree, node.id)
    if old.is_muted != node.is_muted:
        yield Change("∅", number, old_text, f"{text} (muted)" if node.is_muted else text)
    elif has_moved:
        yield Change("~", number, _with_note(old_text, old), f"{text} (moved)")
    elif old_text != text or old.note != node.note:
        yield Change("~", number, _with_note(old_text, old), _with_note(text, node))
    elif not is_root or any(row.id == node.id for row in new_side.tree.rows):
        yield Change(" ", number, old_text, text)


def _with_note(text: str, node: Node) -> str:
    return f"{text} — {node.note}" if node.note else text


def _parent_id(tree: Tree, node_id: str) -> str:
    parent = parent_of(tree, node_id)
    return parent.id if parent else ""


def _was_after(tree: Tree, removed: Node, node_id: str) -> bool:
    """Whether a removed row came directly after this node, or first inside it."""
    order = [node.id for node in walk(tree)]
    return node_id in order and order.index(removed.id) == order.index(node_id) + 1


class _Side:
    """One of the two trees, with its rows in words."""

    def __init__(self, condition: DraftCondition) -> None:
        self.tree, self.catalogue, self.numbers = condition.tree, condition.catalogue, condition.numbers

    def text(self, node: Node) -> str:
        """One row in words, or what a group asks of its rows."""
        if isinstance(node, ConditionGroup):
            return _MODES.get(node.mode) or f"at least {node.count} of these"
        assert isinstance(node, ConditionRow | LogicBlock)
        return row_text(node, self.catalogue)

    def removal(self, node: Node) -> Change:
        """The line for a node that is gone."""
        return Change("-", self.numbers[node.id], self.text(node), "")


def _changed_fields(before: Mapping[str, Any], after: Mapping[str, Any], catalogue: Catalogue) -> Iterator[Change]:
    for field in all_fields(KINDS[str(after["kind"])].form):
        old, new = member_at(before, field.pointer), member_at(after, field.pointer)
        if old == new:
            continue
        if old is None:
            sign = "+"
        elif new is None:
            sign = "-"
        else:
            sign = "~"
        yield Change(sign, field.label, value_words(field, old, catalogue), value_words(field, new, catalogue))
