"""The condition tree: groups of typed rows as an author edits them. JsonLogic is made from it, not the other way round.

Incomplete rows are allowed; TREE.md explains what each part means and why.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

ROOT = "root"
DEPTH_MAX = 3
"""How deep groups nest, the root included; deeper logic becomes a block."""
ROWS_MAX = 100
MODES = ("all", "any", "none", "at_least")
NOTE_LENGTH_MAX = 500


@dataclass(frozen=True, slots=True)
class ConditionRow:
    """One condition. `fact`, `operator` or `value` is None while it is not chosen yet.

    `value` is plain JSON: a number, text or boolean, a list of them, `[low, high]`, or `{"fact": path}`, another fact.
    """

    id: str
    fact: str | None = None
    operator: str | None = None
    value: Any = None
    is_muted: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class LogicBlock:
    """A piece of JsonLogic for which there is no row; it is shown, moved and muted, not edited."""

    id: str
    logic: Any
    is_muted: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class ConditionGroup:
    """Conditions of which all, any, none or at least `count` must hold.

    `made` counts the ids that were ever given in this tree; only that of the root is used.
    """

    id: str = ROOT
    mode: str = "all"
    count: int | None = None
    rows: tuple["Node", ...] = ()
    is_muted: bool = False
    note: str = ""
    made: int = 0


Node: TypeAlias = ConditionGroup | ConditionRow | LogicBlock
Tree: TypeAlias = ConditionGroup


def walk(node: Node) -> Iterator[Node]:
    """`node` and everything below it, parents first, in the order of the page."""
    yield node
    if isinstance(node, ConditionGroup):
        for row in node.rows:
            yield from walk(row)


def find(tree: Tree, node_id: str) -> Node | None:
    """The node with this id; None if there is none."""
    return next((node for node in walk(tree) if node.id == node_id), None)


def parent_of(tree: Tree, node_id: str) -> ConditionGroup | None:
    """The group that contains the node; None for the root and for unknown ids."""
    groups = (node for node in walk(tree) if isinstance(node, ConditionGroup))
    return next((group for group in groups if any(row.id == node_id for row in group.rows)), None)


def numbers(tree: Tree) -> dict[str, str]:
    """Id → the number that people read, such as `3.2.1`. The root has an empty one."""
    number_of = {tree.id: ""}
    for group in walk(tree):
        if isinstance(group, ConditionGroup):
            prefix = f"{number_of[group.id]}." if number_of[group.id] else ""
            number_of.update({row.id: f"{prefix}{index}" for index, row in enumerate(group.rows, 1)})
    return number_of


def depths(tree: Tree) -> dict[str, int]:
    """Id → depth; that of the root is 1, of its rows 2."""
    depth_of = {tree.id: 1}
    for group in walk(tree):
        if isinstance(group, ConditionGroup):
            depth_of.update({row.id: depth_of[group.id] + 1 for row in group.rows})
    return depth_of


def height(node: Node) -> int:
    """How many groups nest from `node` down; 0 for a row."""
    if not isinstance(node, ConditionGroup):
        return 0
    return 1 + max((height(row) for row in node.rows), default=0)


def replaced(node: Node, node_id: str, by: Callable[[Node], tuple[Node, ...]]) -> Node:
    """The same tree with one node replaced by what `by` makes of it: nothing, one node or several."""
    if node.id == node_id:
        return by(node)[0]
    if not isinstance(node, ConditionGroup):
        return node
    if any(row.id == node_id for row in node.rows):
        rows = tuple(new for row in node.rows for new in (by(row) if row.id == node_id else (row,)))
        return replace(node, rows=rows)
    return replace(node, rows=tuple(replaced(row, node_id, by) for row in node.rows))


def to_json(node: Node) -> dict[str, Any]:
    """The node and everything below it as plain JSON."""
    common = {"id": node.id, "is_muted": node.is_muted, "note": node.note}
    if isinstance(node, ConditionRow):
        return {**common, "fact": node.fact, "operator": node.operator, "value": node.value}
    if isinstance(node, LogicBlock):
        return {**common, "logic": node.logic}
    made = {"made": node.made} if node.id == ROOT else {}
    return {**common, "mode": node.mode, "count": node.count, "rows": [to_json(row) for row in node.rows], **made}


def from_json(raw: Mapping[str, Any]) -> Tree:
    """The tree that `to_json` wrote. Raises ValueError if it is none: other members, duplicate ids, too deep."""
    tree = _node(raw, 1)
    ids = [node.id for node in walk(tree)]
    if not isinstance(tree, ConditionGroup) or tree.id != ROOT or len(set(ids)) != len(ids):
        raise ValueError("no condition tree: it needs a root group and different ids")
    used = [int(node_id[1:]) for node_id in ids if node_id[1:].isdigit()]
    return replace(tree, made=max([tree.made, *used]))


def _node(raw: Any, depth: int) -> Node:
    if not isinstance(raw, Mapping) or depth > DEPTH_MAX + 1 or not isinstance(raw.get("id"), str):
        raise ValueError("no condition tree: each node is an object with an id, at most three groups deep")
    common: dict[str, Any] = {
        "id": raw["id"],
        "is_muted": raw.get("is_muted") is True,
        "note": str(raw.get("note") or ""),
    }
    if "logic" in raw:
        return LogicBlock(logic=raw["logic"], **common)
    if "rows" in raw:
        return _group(raw, common, depth)
    fact, operator = raw.get("fact"), raw.get("operator")
    if not isinstance(fact, str | None) or not isinstance(operator, str | None):
        raise ValueError("no condition tree: the fact and the operator of a row are texts")  # noqa: TRY004 — its form
    return ConditionRow(fact=fact, operator=operator, value=raw.get("value"), **common)


def _group(raw: Mapping[str, Any], common: dict[str, Any], depth: int) -> ConditionGroup:
    rows, mode, count, made = raw["rows"], raw.get("mode", "all"), raw.get("count"), raw.get("made", 0)
    if depth > DEPTH_MAX or not isinstance(rows, list) or mode not in MODES:
        raise ValueError("no condition tree: a group has rows and a mode, and groups nest three deep")
    if type(made) is not int or (count is not None and type(count) is not int):
        raise ValueError("no condition tree: counts are whole numbers")
    return ConditionGroup(
        mode=mode, count=count, rows=tuple(_node(row, depth + 1) for row in rows), made=made, **common
    )
