"""Turns any admitted JsonLogic into a condition tree; what no row or group can express becomes a locked block."""

from dataclasses import dataclass
from typing import Any

from engine.authoring.jsonlogic.row_reader import read_row
from engine.authoring.tree.nodes import DEPTH_MAX, ROWS_MAX, ConditionGroup, LogicBlock, Node, Tree
from engine.vocabulary.fact import Catalogue

_MODES = {"and": "all", "or": "any"}


def lift(logic: Any, catalogue: Catalogue) -> Tree:
    """The tree of `logic`, which `check` has admitted; None gives an empty tree. Lowered again it judges the same."""
    if logic is None:
        return ConditionGroup()
    lifting = _Lifting(catalogue)
    top = lifting.node(logic, 1)
    if isinstance(top, ConditionGroup):
        return ConditionGroup(mode=top.mode, count=top.count, rows=top.rows, made=lifting.made)
    return ConditionGroup(rows=(top,), made=lifting.made)


@dataclass
class _Lifting:
    catalogue: Catalogue
    made: int = 0

    def _fresh_id(self) -> str:
        self.made += 1
        return f"c{self.made}"

    def node(self, logic: Any, depth: int) -> Node:
        """The node that says what `logic` says; `depth` is the depth it would have as a group."""
        name, args = _operation(logic)
        if name == "!!":  # every condition is only asked for its truth
            return self.node(args[0] if isinstance(args, list) else args, depth)
        # At the top, "and" and "or" become the root, even where a single row could say the same.
        may_be_row = depth > 1 or name not in _MODES
        row = read_row(logic, self.catalogue, self._fresh_id) if may_be_row else None
        if row is not None:
            return row
        if depth > DEPTH_MAX or self.made > ROWS_MAX:
            return LogicBlock(self._fresh_id(), logic)
        return self._group(logic, depth) or LogicBlock(self._fresh_id(), logic)

    def _group(self, logic: Any, depth: int) -> ConditionGroup | None:
        name, args = _operation(logic)
        if name in _MODES and isinstance(args, list):
            return self._group_of(_MODES[name], None, args, depth)
        if name == "!":
            denied = args[0] if isinstance(args, list) else args
            denied_name, denied_args = _operation(denied)
            rows = denied_args if denied_name == "or" and isinstance(denied_args, list) else [denied]
            return self._group_of("none", None, rows, depth)
        count, rows = at_least_parts(logic)
        return self._group_of("at_least", count, rows, depth) if count else None

    def _group_of(self, mode: str, count: int | None, rows: list[Any], depth: int) -> ConditionGroup:
        group_id = self._fresh_id() if depth > 1 else "root"
        return ConditionGroup(group_id, mode, count, tuple(self.node(row, depth + 1) for row in rows))


def _operation(logic: Any) -> tuple[str, Any]:
    if isinstance(logic, dict) and len(logic) == 1:
        name = next(iter(logic))
        return str(name), logic[name]
    return "", None


def at_least_parts(logic: Any) -> tuple[int, list[Any]]:
    """The count and the conditions of "at least k of these", as `lower` writes it; 0 for anything else."""
    name, args = _operation(logic)
    if name != ">=" or not isinstance(args, list) or len(args) != 2 or type(args[1]) is not int:
        return 0, []
    total, count = args
    sum_name, terms = _operation(total)
    if sum_name != "+" or not isinstance(terms, list) or not 1 <= count <= len(terms):
        return 0, []
    conditions = [_counted_condition(term) for term in terms]
    if not all(conditions):
        return 0, []
    return count, [condition[0] for condition in conditions]


def _counted_condition(term: Any) -> list[Any]:
    """The condition of `{"if": [condition, 1, 0]}` in a list; empty for anything else."""
    name, args = _operation(term)
    if name != "if" or not isinstance(args, list) or len(args) != 3:
        return []
    condition, met, unmet = args
    # True == 1 and 1.0 == 1 in Python, but `lower` writes neither.
    is_counted = met == 1 and unmet == 0 and not any(isinstance(number, bool | float) for number in (met, unmet))
    return [condition] if is_counted else []
