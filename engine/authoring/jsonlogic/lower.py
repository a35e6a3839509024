"""Makes JsonLogic of a condition tree, and remembers which node each part of it came from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.authoring.tree.comparisons import COMPARISONS, is_complete, other_fact
from engine.authoring.tree.nodes import ConditionGroup, ConditionRow, LogicBlock, Node, Tree
from engine.vocabulary.problem import Problem, pointer


@dataclass(frozen=True, slots=True)
class LoweredTree:
    """A tree as JsonLogic; `logic` is None where nothing is asked.

    `nodes` maps JSON pointers in `logic` to node ids, the innermost node where two share one. `problems` are the rows
    that are not filled in and the groups that cannot be met; their `path` is the id of the node. They are left out.
    """

    logic: Any
    nodes: Mapping[str, str]
    problems: tuple[Problem, ...] = ()


def lower(tree: Tree, at: str = "") -> LoweredTree:
    """The JsonLogic of `tree`. Muted and empty parts are left out; `at` is where the logic will stand."""
    lowering = _Lowering()
    logic = lowering.node(tree, at)
    return LoweredTree(logic, lowering.nodes, tuple(lowering.problems))


def owning_node(lowered: LoweredTree, path: str) -> str | None:
    """The id of the innermost node that a JSON pointer into the logic belongs to."""
    while path not in lowered.nodes:
        if not path:
            return None
        path = path.rpartition("/")[0]
    return lowered.nodes[path]


def row_logic(row: ConditionRow) -> Any:
    """The JsonLogic of one filled row."""
    assert row.fact is not None
    assert row.operator is not None
    other = other_fact(row.value)
    value = row.value if other is None else {"var": other}
    return COMPARISONS[row.operator].lower({"var": row.fact}, value, row.fact)


def what_is_missing(row: ConditionRow) -> str:
    """What is not filled in yet in this row, in plain words; empty if nothing is."""
    if not row.fact:
        return "choose what it asks about"
    comparison = COMPARISONS.get(row.operator or "")
    if comparison is None:
        return "choose how it compares"
    if other_fact(row.value) == "":
        return "choose the fact to compare with"
    return "" if is_complete(comparison, row.value) else "give a value"


def takes_part(node: Node) -> bool:
    """Whether anything of `node` takes part in the verdict."""
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
        if isinstance(node, ConditionRow) and (wanting := what_is_missing(node)):
            self.problems.append(Problem(node.id, wanting))
            return None
        self.nodes[at] = node.id
        return row_logic(node) if isinstance(node, ConditionRow) else node.logic

    def _group(self, group: ConditionGroup, at: str) -> Any:
        asked = [row for row in group.rows if takes_part(row)]
        for row in group.rows:
            if not takes_part(row):
                self.node(row, at)
        if group.mode == "at_least":
            return self._at_least(group, asked, at)
        if not asked:
            return None
        self.nodes[at] = group.id
        inside, many = (pointer(at, "!"), "or") if group.mode == "none" else (at, _MANY[group.mode])
        joined = self._joined(asked, many, inside)
        return {"!": joined} if group.mode == "none" else joined

    def _joined(self, asked: list[Node], many: str, at: str) -> Any:
        if len(asked) == 1:
            return self.node(asked[0], at)
        return {many: [self.node(row, pointer(at, many, index)) for index, row in enumerate(asked)]}

    def _at_least(self, group: ConditionGroup, asked: list[Node], at: str) -> Any:
        """Counts 1 for each row that holds. Compared with the count, because rules have no "k of n" of their own."""
        count = group.count
        if count is None or not 1 <= count <= max(1, len(asked)):
            self.problems.append(Problem(group.id, f"ask for 1 to {max(1, len(asked))} of its conditions"))
        if not asked:
            return None
        self.nodes[at] = group.id
        inside = pointer(at, ">=", 0, "+")
        counted = [{"if": [self.node(row, pointer(inside, i, "if", 0)), 1, 0]} for i, row in enumerate(asked)]
        return {">=": [{"+": counted}, count or 1]}


_MANY = {"all": "and", "any": "or"}
