"""Edits of the shape of a tree: adding, moving, cloning, wrapping and deleting."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from engine.authoring.tree.edit_result import (
    EditRefused,
    EditResult,
    capitalised,
    child_of,
    group_of,
    node_label,
    position,
    with_fresh_ids,
    within_size_limit,
)
from engine.authoring.tree.nodes import (
    DEPTH_MAX,
    ConditionGroup,
    ConditionRow,
    Node,
    Tree,
    depths,
    height,
    numbers,
    parent_of,
    replaced,
    walk,
)
from engine.vocabulary.fact import Catalogue

_DEPTH = f"Groups nest {DEPTH_MAX} deep at most"


def add_row(tree: Tree, operation: Mapping[str, Any], _: Catalogue) -> EditResult:
    """Members: `group`, and `after` (an id in it); without it, at the end."""
    tree, row = with_fresh_ids(tree, ConditionRow(""))
    edited = _inserted(tree, row, operation)
    return EditResult(
        edited, f"Added {node_label(edited, row)}", f"{row.id}-fact", None, f"Added {node_label(edited, row)}"
    )


def add_group(tree: Tree, operation: Mapping[str, Any], _: Catalogue) -> EditResult:
    """Members: `group`, and `after` (an id in it); without it, at the end. Adds an "any" group with one empty row."""
    tree, group = with_fresh_ids(tree, ConditionGroup("", "any", rows=(ConditionRow(""),)))
    edited = _inserted(tree, group, operation)
    label = f"Added {node_label(edited, group)}"
    assert isinstance(group, ConditionGroup)
    return EditResult(edited, label, f"{group.rows[0].id}-fact", None, label)


def move(tree: Tree, operation: Mapping[str, Any], _: Catalogue) -> EditResult:
    """Members: `id`, `to_group`, and `index` there, counted without the moved node."""
    node, _group = child_of(tree, operation)
    to = group_of(tree, operation.get("to_group"))
    return _moved(tree, node, to, position(operation, "index", len(to.rows)))


def up(tree: Tree, operation: Mapping[str, Any], _: Catalogue) -> EditResult:
    """Members: `id`, which moves one place up in its group."""
    return _stepped(tree, operation, -1, "up")


def down(tree: Tree, operation: Mapping[str, Any], _: Catalogue) -> EditResult:
    """Members: `id`, which moves one place down in its group."""
    return _stepped(tree, operation, 1, "down")


def into(tree: Tree, operation: Mapping[str, Any], _: Catalogue) -> EditResult:
    """Members: `id`, which moves into the group beside it: the one before, else the one after."""
    node, group = child_of(tree, operation)
    index = group.rows.index(node)
    before = group.rows[index - 1] if index else None
    after = group.rows[index + 1] if index + 1 < len(group.rows) else None
    if isinstance(before, ConditionGroup):
        return _moved(tree, node, before, len(before.rows))
    if isinstance(after, ConditionGroup):
        return _moved(tree, node, after, 0)
    raise EditRefused("There is no group beside it to move into")


def out(tree: Tree, operation: Mapping[str, Any], _: Catalogue) -> EditResult:
    """Members: `id`, which moves out of its group, to the place after it."""
    node, group = child_of(tree, operation)
    outer = parent_of(tree, group.id)
    if outer is None:
        raise EditRefused("It is in the outermost group already")
    return _moved(tree, node, outer, outer.rows.index(group) + 1)


def clone(tree: Tree, operation: Mapping[str, Any], _: Catalogue) -> EditResult:
    """Members: `id`, of which a copy with fresh ids is put after it."""
    node, _group = child_of(tree, operation)
    tree, copy = with_fresh_ids(tree, node)
    edited = within_size_limit(_root(replaced(tree, node.id, lambda original: (original, copy))))
    label = f"Cloned {node_label(edited, node)}"
    return EditResult(edited, label, f"{copy.id}-menu", None, f"{label} as {numbers(edited)[copy.id]}")


def wrap(tree: Tree, operation: Mapping[str, Any], _: Catalogue) -> EditResult:
    """Members: `id`, which is wrapped in a new "all" group."""
    node, _group = child_of(tree, operation)
    if depths(tree)[node.id] + height(node) > DEPTH_MAX:
        raise EditRefused(_DEPTH)
    tree, group = with_fresh_ids(tree, ConditionGroup(""))
    assert isinstance(group, ConditionGroup)
    edited = within_size_limit(_root(replaced(tree, node.id, lambda wrapped: (replace(group, rows=(wrapped,)),))))
    label = f"Wrapped {node_label(tree, node)} in a group"
    return EditResult(edited, label, f"{group.id}-mode", None, label)


def unwrap(tree: Tree, operation: Mapping[str, Any], _: Catalogue) -> EditResult:
    """Members: `id`, a group, which its rows replace."""
    group, outer = child_of(tree, operation)
    if not isinstance(group, ConditionGroup):
        raise EditRefused("Only a group can be dissolved")
    edited = _root(replaced(tree, group.id, lambda _: group.rows))
    label = f"Dissolved {node_label(tree, group)}"
    return EditResult(edited, label, f"{group.rows[0].id}-menu" if group.rows else f"{outer.id}-add", None, label)


def or_not_set(tree: Tree, operation: Mapping[str, Any], _: Catalogue) -> EditResult:
    """Members: `id`, a row, to which "or its fact is not set" is added: in an "any" group, its own or a new one."""
    node, group = child_of(tree, operation)
    if not isinstance(node, ConditionRow) or not node.fact:
        raise EditRefused("This does not ask about a single fact")
    if group.mode != "any" and depths(tree)[node.id] > DEPTH_MAX:
        raise EditRefused(_DEPTH)
    tree, both = with_fresh_ids(tree, ConditionGroup("", "any", rows=(ConditionRow("", node.fact, "is_not_set"),)))
    assert isinstance(both, ConditionGroup)
    new = (node, *both.rows) if group.mode == "any" else (replace(both, rows=(node, *both.rows)),)
    edited = within_size_limit(_root(replaced(tree, node.id, lambda _: new)))
    label = f"Added “or is not set” to {node_label(tree, node)}"
    return EditResult(edited, label, f"{both.rows[0].id}-menu", None, label)


def goes_past_midnight(row: ConditionRow) -> bool:
    """Whether a row asks for hours between a late one and an early one, which no hour is."""
    if row.fact != "time.hour" or row.operator != "between" or not isinstance(row.value, list):
        return False
    return len(row.value) == 2 and all(type(hour) is int for hour in row.value) and row.value[0] > row.value[1]


def past_midnight(tree: Tree, operation: Mapping[str, Any], _: Catalogue) -> EditResult:
    """Members: `id`, a row that asks for hours between a late and an early one: it becomes "from then on, or until"."""
    node, group = child_of(tree, operation)
    if not isinstance(node, ConditionRow) or not goes_past_midnight(node):
        raise EditRefused("This does not ask for hours past midnight")
    if group.mode != "any" and depths(tree)[node.id] > DEPTH_MAX:
        raise EditRefused(_DEPTH)
    late, early = node.value
    evening = replace(node, operator="at_least", value=late)
    tree, both = with_fresh_ids(tree, ConditionGroup("", "any", rows=(ConditionRow("", node.fact, "at_most", early),)))
    assert isinstance(both, ConditionGroup)
    new = (evening, *both.rows) if group.mode == "any" else (replace(both, rows=(evening, *both.rows)),)
    edited = within_size_limit(_root(replaced(tree, node.id, lambda _: new)))
    label = f"Made {node_label(tree, node)} go past midnight"
    return EditResult(edited, label, f"{node.id}-value", None, label)


def delete(tree: Tree, operation: Mapping[str, Any], _: Catalogue) -> EditResult:
    """Members: `id`, which goes with all below it. The next row gets the focus, else the one before, else the group."""
    node, group = child_of(tree, operation)
    left = [row.id for row in group.rows if row.id != node.id]
    index = group.rows.index(node)
    focus = f"{left[min(index, len(left) - 1)]}-menu" if left else f"{group.id}-add"
    label = f"Deleted {node_label(tree, node)}"
    return EditResult(_root(replaced(tree, node.id, lambda _: ())), label, focus, None, label)


def _inserted(tree: Tree, node: Node, operation: Mapping[str, Any]) -> Tree:
    group = group_of(tree, operation.get("group"))
    if depths(tree)[group.id] + height(node) > DEPTH_MAX:
        raise EditRefused(_DEPTH)
    after = operation.get("after")
    ends = (index + 1 for index, row in enumerate(group.rows) if row.id == after)
    index = next(ends, len(group.rows))
    return within_size_limit(_placed(tree, node, group, index))


def _placed(tree: Tree, node: Node, group: ConditionGroup, index: int) -> Tree:
    rows = (*group.rows[:index], node, *group.rows[index:])
    return _root(replaced(tree, group.id, lambda _: (replace(group, rows=rows),)))


def _stepped(tree: Tree, operation: Mapping[str, Any], step: int, word: str) -> EditResult:
    node, group = child_of(tree, operation)
    index = group.rows.index(node) + step
    if not 0 <= index < len(group.rows):
        raise EditRefused(f"It is already the {'first' if step < 0 else 'last'} of its group")
    return _moved(tree, node, group, index, f"Moved {node_label(tree, node)} {word}")


def _moved(tree: Tree, node: Node, to: ConditionGroup, index: int, label: str = "") -> EditResult:
    if any(below.id == to.id for below in walk(node)):
        raise EditRefused("A group cannot move into itself")
    if depths(tree)[to.id] + height(node) > DEPTH_MAX:
        raise EditRefused(_DEPTH)
    without = _root(replaced(tree, node.id, lambda _: ()))
    target = group_of(without, to.id)
    index = min(index, len(target.rows))
    edited = _placed(without, node, target, index)
    old_label = node_label(tree, node)
    place = f"{index + 1} of {len(target.rows) + 1}"
    if to.id != (parent_of(tree, node.id) or to).id:
        place = f"{place} in {node_label(edited, to)}"
    announcement = capitalised(f"{old_label} moved to {place}")
    return EditResult(edited, label or f"Moved {old_label}", f"{node.id}-menu", None, announcement)


def _root(node: Node) -> Tree:
    assert isinstance(node, ConditionGroup)
    return node
