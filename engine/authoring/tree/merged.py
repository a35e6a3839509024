"""Merges into a lifted tree what logic cannot hold: the ids, notes and idle rows of the tree it replaces.

An author who changes one number in the JSON has changed one row; TREE.md explains how rows are recognised.
"""

import json
from collections import Counter
from collections.abc import Callable, Hashable, Iterator
from dataclasses import replace

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

    It lowers to the same logic as `lifted`. If it would grow too large, the idle nodes are dropped.
    """
    merger = _Merger(old, _match(old, lifted))
    tree = merger.group(lifted, 1)
    present = {node.id for node in walk(tree)}
    homeless = [node for node in _idle(old) if node.id not in present]
    complete = replace(tree, rows=(*tree.rows, *homeless))
    if sum(1 for _ in walk(complete)) > ROWS_MAX + 1:
        complete = merger.without_idle(lifted)
    return replace(complete, made=merger.made)


def _match(old: Tree, lifted: Tree) -> dict[str, Node]:
    """Id in `lifted` → the node of `old` it was: leaves by their logic, then by question, then by fact alone."""
    matches: dict[str, Node] = {}
    unmatched = [node for node in walk(old) if not isinstance(node, ConditionGroup) and _is_in_logic(old, node)]
    for key_of in (_logic, _question, _fact):
        for node in walk(lifted):
            if node.id in matches or isinstance(node, ConditionGroup):
                continue
            match = _first_alike(unmatched, node, key_of)
            if match is not None:
                unmatched.remove(match)
                matches[node.id] = match
    _match_groups(old, lifted, matches)
    return matches


def _first_alike(candidates: list[Leaf], node: Leaf, key_of: Callable[[Leaf], Hashable]) -> Leaf | None:
    key = key_of(node)
    if key is None:
        return None
    return next((candidate for candidate in candidates if key_of(candidate) == key), None)


def _is_in_logic(old: Tree, node: Node) -> bool:
    """Whether neither the node nor a group around it is muted or incomplete."""
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


def _match_groups(old: Tree, lifted: Tree, matches: dict[str, Node]) -> None:
    """A group is the one in which most of its rows were; the innermost choose first."""
    taken = {old.id}
    groups = [node for node in walk(lifted) if isinstance(node, ConditionGroup) and node.id != lifted.id]
    for group in reversed(groups):
        parents: Counter[str] = Counter()
        for row in group.rows:
            parent = parent_of(old, matches[row.id].id) if row.id in matches else None
            if parent is not None:
                parents[parent.id] += 1
        for parent_id, _ in parents.most_common():
            if parent_id not in taken:
                taken.add(parent_id)
                matches[group.id] = next(node for node in walk(old) if node.id == parent_id)
                break


def _idle(group: ConditionGroup) -> Iterator[Node]:
    """The nodes below a group that take no part, each with everything in it."""
    for row in group.rows:
        if not takes_part(row):
            yield row
        elif isinstance(row, ConditionGroup):
            yield from _idle(row)


class _Merger:
    """Builds the new tree from the top down, giving fresh ids to nodes that are new."""

    def __init__(self, old: Tree, matches: dict[str, Node]) -> None:
        self.old, self.matches, self.made = old, matches, old.made

    def group(self, group: ConditionGroup, depth: int, *, with_idle: bool = True) -> ConditionGroup:
        match = self.old if depth == 1 else self.matches.get(group.id)
        group_id, note = (match.id, match.note) if match else (self._fresh_id(), "")
        rows = [self._node(row, depth + 1, with_idle=with_idle) for row in group.rows]
        if isinstance(match, ConditionGroup) and with_idle:
            rows = _insert_idle(match, rows, depth)
        return replace(group, id=group_id, note=note, rows=tuple(rows))

    def without_idle(self, lifted: Tree) -> ConditionGroup:
        """The same for a tree that would grow too large."""
        self.made = self.old.made
        return self.group(lifted, 1, with_idle=False)

    def _node(self, node: Node, depth: int, *, with_idle: bool) -> Node:
        if isinstance(node, ConditionGroup):
            return self.group(node, depth, with_idle=with_idle)
        match = self.matches.get(node.id)
        return replace(node, id=match.id, note=match.note) if match else replace(node, id=self._fresh_id())

    def _fresh_id(self) -> str:
        self.made += 1
        return f"c{self.made}"


def _insert_idle(old_group: ConditionGroup, rows: list[Node], depth: int) -> list[Node]:
    """The rows with the idle ones of the old group, each behind the row that was before it."""
    result = list(rows)
    before: str | None = None
    for row in old_group.rows:
        if not takes_part(row) and depth + height(row) <= DEPTH_MAX:
            result.insert(_index_behind(result, before), row)
        before = row.id
    return result


def _index_behind(rows: list[Node], before: str | None) -> int:
    """First without a row before it; last if that row is gone."""
    if before is None:
        return 0
    return next((index + 1 for index, row in enumerate(rows) if row.id == before), len(rows))
