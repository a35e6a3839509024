"""Takes one change back from what a draft says now, and keeps everything that was changed after it.

A change is what a draft said before and after it. Where the draft still says what the change made of it, it says again
what it said before; where somebody has changed the same since, nothing can be taken back. The unit of "the same" is a
member of the document, the question of a row (fact, comparison and value together, since they only fit each other), the
mode of a group, the note of a node, and the order of the nodes in a group.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from engine.authoring.tree.conditions import is_tree
from engine.authoring.tree.nodes import (
    DEPTH_MAX,
    ROOT,
    ROWS_MAX,
    ConditionGroup,
    ConditionRow,
    LogicBlock,
    Node,
    Tree,
    from_json,
    height,
    to_json,
    walk,
)

Version = tuple[Mapping[str, Any], Tree]
"""A document without its condition, and the condition as a tree."""
_ABSENT: Any = object()
_UNITS: Mapping[type[Node], tuple[tuple[str, ...], ...]] = {
    ConditionRow: (("fact", "operator", "value"), ("is_muted",), ("note",)),
    LogicBlock: (("logic",), ("is_muted",), ("note",)),
    ConditionGroup: (("mode", "count"), ("is_muted",), ("note",)),
}
"""Members of a node that are taken back together."""


class _ChangedSince(Exception):  # noqa: N818 — never leaves this module
    """Somebody has changed the same since."""


def reverted(before: Version, after: Version, present: Version) -> Version | None:
    """What the draft says now without the change; None if somebody has changed the same since."""
    try:
        document = _value(before[0], after[0], present[0])
        return document, _tree(before[1], after[1], present[1])
    except _ChangedSince:
        return None


def _value(before: Any, after: Any, present: Any) -> Any:
    if before in (after, present):
        return present
    if present == after:
        return before
    sides = [before, after, present]
    if all(is_tree(side) for side in sides):
        return to_json(_tree(from_json(before), from_json(after), from_json(present)))
    if all(side is _ABSENT or isinstance(side, Mapping) for side in sides):
        members = _members(*({} if side is _ABSENT else side for side in sides))
        return _ABSENT if not members and before is _ABSENT else members
    if all(isinstance(side, list) for side in sides) and len({len(side) for side in sides}) == 1:
        return [_value(*rows) for rows in zip(before, after, present, strict=True)]
    raise _ChangedSince


def _members(before: Mapping[str, Any], after: Mapping[str, Any], present: Mapping[str, Any]) -> dict[str, Any]:
    names = dict.fromkeys([*present, *before])
    sides = {name: [side.get(name, _ABSENT) for side in (before, after, present)] for name in names}
    members = {name: _value(*values) for name, values in sides.items()}
    return {name: value for name, value in members.items() if value is not _ABSENT}


@dataclass(frozen=True, slots=True)
class _Flat:
    """A tree as its nodes, by their ids, without what is below them; the ids of the nodes in each group, and its id."""

    nodes: Mapping[str, Node]
    rows: Mapping[str, tuple[str, ...]]
    parents: Mapping[str, str]

    @classmethod
    def of(cls, tree: Tree) -> "_Flat":
        nodes = list(walk(tree))
        groups = [node for node in nodes if isinstance(node, ConditionGroup)]
        bare = {node.id: replace(node, rows=()) if isinstance(node, ConditionGroup) else node for node in nodes}
        rows = {group.id: tuple(row.id for row in group.rows) for group in groups}
        return cls(bare, rows, {row.id: group.id for group in groups for row in group.rows})

    def entry(self, node_id: str) -> tuple[Node | None, str | None, tuple[str, ...] | None]:
        """The node, the group it is in, and the nodes in it."""
        return self.nodes.get(node_id), self.parents.get(node_id), self.rows.get(node_id)


def _tree(before: Tree, after: Tree, present: Tree) -> Tree:
    old, changed, now = (_Flat.of(replace(tree, made=0)) for tree in (before, after, present))
    nodes = {}
    for node_id in dict.fromkeys([*now.nodes, *old.nodes]):
        node = _node(node_id, old, changed, now)
        if node is not None:
            nodes[node_id] = node
    groups = [node_id for node_id, node in nodes.items() if isinstance(node, ConditionGroup)]
    rows = {group: [row for row in _order(group, old, changed, now) if row in nodes] for group in groups}
    tree = _grown(ROOT, nodes, rows, set(nodes), 1)
    if not isinstance(tree, ConditionGroup):
        raise _ChangedSince
    return replace(tree, made=max(side.made for side in (before, after, present)))


def _node(node_id: str, old: _Flat, changed: _Flat, now: _Flat) -> Node | None:
    """The node without the change; None if there is none."""
    before, after, present = (side.nodes.get(node_id) for side in (old, changed, now))
    if present is None:
        if before != after and after is not None:
            raise _ChangedSince  # it was deleted, and with it what was changed about it
        return before if after is None else None
    if after is None:
        return present
    if before is None:
        if now.entry(node_id) != changed.entry(node_id):
            raise _ChangedSince  # somebody has filled or moved what was added
        return None
    return _with_units_reverted(before, after, present)


def _with_units_reverted(before: Node, after: Node, present: Node) -> Node:
    if not type(before) is type(after) is type(present):
        raise _ChangedSince
    node = present
    for names in _UNITS[type(present)]:
        sides = [tuple(getattr(side, name) for name in names) for side in (before, after, present)]
        if sides[0] == sides[1] or sides[2] == sides[0]:
            continue
        if sides[2] != sides[1]:
            raise _ChangedSince
        node = replace(node, **dict(zip(names, sides[0], strict=True)))
    return node


def _order(group: str, old: _Flat, changed: _Flat, now: _Flat) -> tuple[str, ...]:
    """The ids of the nodes in a group without the change."""
    before, after, present = (side.rows.get(group, ()) for side in (old, changed, now))
    if group not in now.rows or present == after:
        return before
    if before == after:
        return present
    stayed_before = [row for row in before if row in after]
    stayed_after = [row for row in after if row in before]
    order = [row for row in present if row not in after or row in before]
    if stayed_before != stayed_after:
        if [row for row in order if row in stayed_after] != stayed_after:
            raise _ChangedSince
        in_turn = iter(stayed_before)
        order = [next(in_turn) if row in stayed_after else row for row in order]
    for index, row in enumerate(before):
        if row not in after and row not in order:
            neighbours = [order.index(earlier) + 1 for earlier in before[:index] if earlier in order]
            order.insert(neighbours[-1] if neighbours else 0, row)
    return tuple(order)


def _grown(
    node_id: str, nodes: Mapping[str, Node], rows: Mapping[str, list[str]], unplaced: set[str], depth: int
) -> Node:
    """The node with everything below it. Each node must have exactly one place in a tree that is not too large."""
    if node_id not in unplaced or depth > DEPTH_MAX + 1:
        raise _ChangedSince
    unplaced.remove(node_id)
    node = nodes[node_id]
    if isinstance(node, ConditionGroup):
        node = replace(node, rows=tuple(_grown(row, nodes, rows, unplaced, depth + 1) for row in rows[node_id]))
    if node_id == ROOT and (unplaced or height(node) > DEPTH_MAX or len(nodes) > ROWS_MAX + 1):
        raise _ChangedSince
    return node
