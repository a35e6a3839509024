"""Turns a condition tree into JsonLogic, and remembers which node each part of it came from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.authoring.tree.comparisons import COMPARISONS, is_complete, other_fact
from engine.authoring.tree.nodes import ConditionGroup, ConditionRow, LogicBlock, Node, Tree
from engine.vocabulary.problem import Problem, pointer


@dataclass(frozen=True, slots=True)
class LoweredTree:
    """A tree as JsonLogic; `logic` is None if nothing is asked.

    `nodes` maps JSON pointers in `logic` to node ids, the innermost node where two share one. `problems` are incomplete
    rows and groups that cannot be met; their `path` is the id of the node. They are left out of the logic.
    """

    logic: Any
    nodes: Mapping[str, str]
    problems: tuple[Problem, ...] = ()


def lower(tree: Tree, at: str = "") -> LoweredTree:
    """The JsonLogic of `tree`. Muted and empty parts are left out; `at` is where the logic will be in its document."""
    lowering = _Lowering()
    logic = lowering.node(tree, at)
    return LoweredTree(logic, lowering.nodes, tuple(lowering.problems))


def owning_node(lowered: LoweredTree, path: str) -> str | None:
    """The id of the innermost node to which a JSON pointer into the logic belongs."""
    while path not in lowered.nodes:
        if not path:
            return None
        path = path.rpartition("/")[0]
    return lowered.nodes[path]


def row_logic(row: ConditionRow) -> Any:
    """The JsonLogic of one complete row."""
    assert row.fact is not None
    assert row.operator is not None
    other = other_fact(row.value)
    value = row.value if other is None else {"var": other}
    return COMPARISONS[row.operator].lower({"var": row.fact}, value, row.fact)


def what_is_missing(row: ConditionRow) -> str:
    """What is not filled in yet in this row, in plain words; empty if it is complete."""
    if not row.fact:
        return "choose what it asks about"
    comparison = COMPARISONS.get(row.operator or "")
    if comparison is None:
        return "choose how it compares"
    if other_fact(row.value) == "":
        return "choose the fact to compare with"
    return "" if is_complete(comparison, row.value) else "give a value"


def takes_part(node: Node) -> bool:
    """Whether anything of `node` counts for the verdict."""
    if node.is_muted:
        return False
    if isinstance(node, ConditionGroup):
        return any(takes_part(row) for row in node.rows)
    return isinstance(node, LogicBlock) or not what_is_missing(node)


@dataclass
class _Lowering:
    nodes: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def node(self, node: Node, at: str) -> Any:
        if node.is_muted:
            return None
        if isinstance(node, ConditionGroup):
            return self._group(node, at)
        if isinstance(node, ConditionRow):
            missing = what_is_missing(node)
            if missing:
                self.problems.append(Problem(node.id, missing))
                return None
        self.nodes[at] = node.id
        return row_logic(node) if isinstance(node, ConditionRow) else node.logic

    def _group(self, group: ConditionGroup, at: str) -> Any:
        rows = [row for row in group.rows if takes_part(row)]
        for row in group.rows:
            if not takes_part(row):
                self.node(row, at)  # only for its problems
        if group.mode == "at_least":
            return self._at_least(group, rows, at)
        if not rows:
            return None
        self.nodes[at] = group.id
        if group.mode == "none":
            return {"!": self._joined(rows, "or", pointer(at, "!"))}
        return self._joined(rows, _OPERATOR_OF_MODE[group.mode], at)

    def _joined(self, rows: list[Node], operator: str, at: str) -> Any:
        if len(rows) == 1:
            return self.node(rows[0], at)
        return {operator: [self.node(row, pointer(at, operator, index)) for index, row in enumerate(rows)]}

    def _at_least(self, group: ConditionGroup, rows: list[Node], at: str) -> Any:
        """Add up 1 for each row that holds and compare the sum: JsonLogic has no "k of n" of its own."""
        count, count_max = group.count, max(1, len(rows))
        if count is None or not 1 <= count <= count_max:
            self.problems.append(Problem(group.id, f"ask for 1 to {count_max} of its conditions"))
        if not rows:
            return None
        self.nodes[at] = group.id
        terms_at = pointer(at, ">=", 0, "+")
        terms = [{"if": [self.node(row, pointer(terms_at, index, "if", 0)), 1, 0]} for index, row in enumerate(rows)]
        return {">=": [{"+": terms}, count or 1]}


_OPERATOR_OF_MODE = {"all": "and", "any": "or"}
