"""Brings over to a lifted tree what logic cannot hold: the ids, notes and idle rows of the tree that it stands for.

Somebody who changes one number in the JSON has changed one row; TREE.md tells how rows are recognised.
"""

import json
from collections import Counter
from collections.abc import Callable, Hashable, Iterator
from dataclasses import replace
from typing import Any

from engine.authoring.jsonlogic.lower import row_logic, takes_part
from engine.authoring.tree.nodes import (
    DEPTH_MAX,
    ROWS_MAX,
    ConditionGroup,
    ConditionRow,
    LogicBlock,
    Node,
    Tree,
    height,
    parent_of,
    walk,
)

Leaf = ConditionRow | LogicBlock


def merged(old: Tree, lifted: Tree) -> Tree:
    """`lifted` with the ids and notes of the nodes of `old` that it still has, and the idle nodes of `old`.

    It lowers to the same logic as `lifted`.
    """
    keeping = _Keeping(old, _twins(old, lifted))
    tree = keeping.group(lifted, 1)
    spare = [each for each in _idle(old) if each.id not in {node.id for node in walk(tree)}]
    whole = replace(tree, rows=(*tree.rows, *spare))
    if sum(1 for _ in walk(whole)) > ROWS_MAX + 1:
        whole = keeping.without_idle(lifted)
    return replace(whole, made=keeping.made)


def _twins(old: Tree, lifted: Tree) -> dict[str, Node]:
    """Id in `lifted` → the node of `old` that it was: leaves by what they say, then by what they ask about."""
    found: dict[str, Node] = {}
    left = [node for node in walk(old) if not isinstance(node, ConditionGroup) and _takes_part(old, node)]
    for key in (_logic, _question, _fact):
        for node in walk(lifted):
            twin = None if node.id in found or isinstance(node, ConditionGroup) else _first(left, node, key)
            if twin is not None:
                left.remove(twin)
                found[node.id] = twin
    _add_groups(old, lifted, found)
    return found


def _first(left: list[Leaf], node: Leaf, key: Callable[[Leaf], Hashable]) -> Leaf | None:
    wanted = key(node)
    return next((each for each in left if wanted is not None and key(each) == wanted), None)


def _takes_part(old: Tree, node: Node) -> bool:
    """Whether the node is in the logic of its tree: neither it nor a group around it is muted or unfinished."""
    while node.id != old.id:
        if not takes_part(node):
            return False
        node = parent_of(old, node.id) or old
    return True


def _logic(node: Leaf) -> Hashable:
    return json.dumps(row_logic(node) if isinstance(node, ConditionRow) else node.logic, sort_keys=True)


def _question(node: Leaf) -> Hashable:
    return (node.fact, node.operator) if isinstance(node, ConditionRow) else None


def _fact(node: Leaf) -> Hashable:
    return node.fact if isinstance(node, ConditionRow) else None


def _add_groups(old: Tree, lifted: Tree, found: dict[str, Node]) -> None:
    """A group is the one in which most of its rows stood; the innermost are asked first."""
    taken = {old.id}
    for group in reversed([each for each in walk(lifted) if isinstance(each, ConditionGroup) and each.id != lifted.id]):
        homes = Counter(home.id for row in group.rows if row.id in found and (home := parent_of(old, found[row.id].id)))
        for name, _ in homes.most_common():
            if name not in taken:
                taken.add(name)
                found[group.id] = next(each for each in walk(old) if each.id == name)
                break


def _idle(group: ConditionGroup) -> Iterator[Node]:
    """What takes no part below a group, each with all that stands in it."""
    for row in group.rows:
        if not takes_part(row):
            yield row
        elif isinstance(row, ConditionGroup):
            yield from _idle(row)


class _Keeping:
    """Makes the new tree from the top down, giving fresh ids where a node is new."""

    def __init__(self, old: Tree, twins: dict[str, Node]) -> None:
        self.old, self.twins, self.made = old, twins, old.made

    def group(self, group: ConditionGroup, depth: int, *, has_idle: bool = True) -> ConditionGroup:
        own = self.old if depth == 1 else self.twins.get(group.id)
        name, note = (own.id, own.note) if own else (self._fresh(), "")
        rows = [self._node(row, depth + 1, has_idle=has_idle) for row in group.rows]
        if isinstance(own, ConditionGroup) and has_idle:
            rows = _with_idle(own, rows, depth)
        return replace(group, id=name, note=note, rows=tuple(rows))

    def without_idle(self, lifted: Tree) -> ConditionGroup:
        """The same for a tree that would grow too large."""
        self.made = self.old.made
        return self.group(lifted, 1, has_idle=False)

    def _node(self, node: Node, depth: int, *, has_idle: bool) -> Node:
        if isinstance(node, ConditionGroup):
            return self.group(node, depth, has_idle=has_idle)
        twin = self.twins.get(node.id)
        return replace(node, id=twin.id, note=twin.note) if twin else replace(node, id=self._fresh())

    def _fresh(self) -> str:
        self.made += 1
        return f"c{self.made}"


def _with_idle(own: ConditionGroup, rows: list[Any], depth: int) -> list[Any]:
    """The rows with the idle ones of the old group, each behind the row that it stood behind."""
    found, before = list(rows), None
    for row in own.rows:
        if not takes_part(row) and depth + height(row) <= DEPTH_MAX:
            at = next((index + 1 for index, each in enumerate(found) if each.id == before), len(found) if before else 0)
            found.insert(at, row)
        before = row.id
    return found
