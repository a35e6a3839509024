"""The result of one edit or its refusal, and what all edits need: the node they name, its words, fresh ids."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from engine.authoring.tree.nodes import (
    ROOT,
    ROWS_MAX,
    ConditionGroup,
    ConditionRow,
    Node,
    Tree,
    find,
    numbers,
    parent_of,
    walk,
)


class EditRefused(Exception):  # noqa: N818 — a plain "no", with its reason in words for the author
    """An edit cannot be made; the message says why in plain words and nothing has changed."""


@dataclass(frozen=True, slots=True)
class EditResult:
    """A tree after an edit.

    `label` names the step for undo; `focus` is the control that gets the focus, such as `c4-value` (`fact`, `operator`,
    `value`, `value1`, `note`, `menu`, `mode`, `count`, and of groups `add`); edits with the same `merge_key` within
    half a second are one step; `announcement` is read out.
    """

    tree: Tree
    label: str
    focus: str
    merge_key: str | None = None
    announcement: str = ""


def node_of(tree: Tree, operation: Mapping[str, Any]) -> Node:
    """The node that an operation names by `id`."""
    node = find(tree, str(operation.get("id")))
    if node is None:
        raise EditRefused("This condition no longer exists")
    return node


def child_of(tree: Tree, operation: Mapping[str, Any]) -> tuple[Node, ConditionGroup]:
    """The named node and the group that contains it; the root is refused."""
    node = node_of(tree, operation)
    group = parent_of(tree, node.id)
    if group is None:
        raise EditRefused("The outermost group stays where it is")
    return node, group


def row_of(tree: Tree, operation: Mapping[str, Any]) -> ConditionRow:
    """The named node, which must be a row."""
    node = node_of(tree, operation)
    if not isinstance(node, ConditionRow):
        raise EditRefused("This is no single condition")
    return node


def group_of(tree: Tree, node_id: Any) -> ConditionGroup:
    """The group with this id; the root if none is named."""
    node = find(tree, str(node_id or ROOT))
    if not isinstance(node, ConditionGroup):
        raise EditRefused("This group no longer exists")
    return node


def node_label(tree: Tree, node: Node) -> str:
    """`condition 3.2` or `group 3`, as labels and announcements name it."""
    number = numbers(tree).get(node.id, "")
    word = {ConditionRow: "condition", ConditionGroup: "group"}.get(type(node), "advanced block")
    return f"{word} {number}" if number else "all conditions"


def capitalised(words: str) -> str:
    """The words with a capital."""
    return words[:1].upper() + words[1:]


def position(operation: Mapping[str, Any], name: str, most: int) -> int:
    """A number of an operation, at most `most`; a form may send it as text."""
    text = str(operation.get(name))
    if not text.isascii() or not text.isdigit() or len(text) > 6:
        raise EditRefused("This edit names no place")
    return min(int(text), most)


def with_fresh_ids(tree: Tree, node: Node) -> tuple[Tree, Node]:
    """`node` and all below it with ids that were never used in `tree`, and `tree` with them counted."""
    made = tree.made

    def renumbered(old: Node) -> Node:
        nonlocal made
        made += 1
        new = replace(old, id=f"c{made}")
        return replace(new, rows=tuple(map(renumbered, new.rows))) if isinstance(new, ConditionGroup) else new

    renewed = renumbered(node)
    return replace(tree, made=made), renewed


def within_size_limit(tree: Tree) -> Tree:
    """`tree`, unless it has grown beyond what a page and a rule can hold."""
    if sum(1 for _ in walk(tree)) > ROWS_MAX + 1:
        raise EditRefused(f"A rule holds at most {ROWS_MAX} conditions and groups")
    return tree
