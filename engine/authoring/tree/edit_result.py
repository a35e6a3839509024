"""The result of one edit, and what all edits need: the node they name, its words, fresh ids."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from engine.authoring.tree.edit_refused import Refused
from engine.authoring.tree.nodes import ROOT, ROWS_MAX, Group, Node, Row, Tree, find, numbers, parent_of, walk


@dataclass(frozen=True, slots=True)
class Edited:
    """A tree after an edit.

    `label` names the step for undo; `focus` the control that takes the focus, such as `c4-value` (`fact`, `operator`,
    `value`, `value1`, `note`, `menu`, `mode`, `count`, and of groups `add`); edits with the same `merge_key` within
    half a second are one step; `said` is announced.
    """

    tree: Tree
    label: str
    focus: str
    merge_key: str | None = None
    said: str = ""


def node_of(tree: Tree, operation: Mapping[str, Any]) -> Node:
    """The node that an operation names by `id`."""
    node = find(tree, str(operation.get("id")))
    if node is None:
        raise Refused("This condition is not there any more")
    return node


def child_of(tree: Tree, operation: Mapping[str, Any]) -> tuple[Node, Group]:
    """The named node and the group that it stands in; the root is refused."""
    node = node_of(tree, operation)
    group = parent_of(tree, node.id)
    if group is None:
        raise Refused("The outermost group stays where it is")
    return node, group


def row_of(tree: Tree, operation: Mapping[str, Any]) -> Row:
    """The named node, which must be a row."""
    node = node_of(tree, operation)
    if not isinstance(node, Row):
        raise Refused("This is no single condition")
    return node


def group_of(tree: Tree, node_id: Any) -> Group:
    """The group with this id; the root where none is named."""
    node = find(tree, str(node_id or ROOT))
    if not isinstance(node, Group):
        raise Refused("This group is not there any more")
    return node


def called(tree: Tree, node: Node) -> str:
    """`condition 3.2` or `group 3`, as labels and announcements name it."""
    number = numbers(tree).get(node.id, "")
    word = {Row: "condition", Group: "group"}.get(type(node), "advanced block")
    return f"{word} {number}" if number else "all conditions"


def said(words: str) -> str:
    """The words with a capital."""
    return words[:1].upper() + words[1:]


def position(operation: Mapping[str, Any], name: str, most: int) -> int:
    """A whole number from 0 to `most` of an operation; a form may send it as text."""
    text = str(operation.get(name))
    if not text.isascii() or not text.isdigit() or len(text) > 6:
        raise Refused("This edit names no place")
    return min(int(text), most)


def fresh(tree: Tree, node: Node) -> tuple[Tree, Node]:
    """`node` and all below it with ids that were never used in `tree`, and `tree` with them counted."""
    made = tree.made

    def renamed(each: Node) -> Node:
        nonlocal made
        made += 1
        own = replace(each, id=f"c{made}")
        return replace(own, rows=tuple(map(renamed, own.rows))) if isinstance(own, Group) else own

    new = renamed(node)
    return replace(tree, made=made), new


def guarded(tree: Tree) -> Tree:
    """`tree`, unless it has grown beyond what a page and a rule can hold."""
    if sum(1 for _ in walk(tree)) > ROWS_MAX + 1:
        raise Refused(f"A rule holds at most {ROWS_MAX} conditions and groups")
    return tree
