"""Makes a condition tree of any admitted JsonLogic; what no row or group can say becomes a locked block."""

from dataclasses import dataclass
from typing import Any

from engine.authoring.jsonlogic.row_reader import read_row
from engine.authoring.tree.nodes import DEPTH_MAX, ROWS_MAX, ConditionGroup, LogicBlock, Node, Tree
from engine.vocabulary.fact import Catalogue

_MODES = {"and": "all", "or": "any"}


def lift(logic: Any, catalogue: Catalogue) -> Tree:
    """The tree of `logic`, which `check` has admitted; None gives an empty tree. Lowered again it judges the same."""
    lifting = _Lifting(catalogue)
    if logic is None:
        return ConditionGroup()
    top = lifting.node(logic, 1)
    rows = (top,)
    if isinstance(top, ConditionGroup):
        return ConditionGroup(mode=top.mode, count=top.count, rows=top.rows, made=lifting.made)
    return ConditionGroup(rows=rows, made=lifting.made)


@dataclass
class _Lifting:
    catalogue: Catalogue
    made: int = 0

    def _id(self) -> str:
        self.made += 1
        return f"c{self.made}"

    def node(self, logic: Any, depth: int) -> Node:
        """What `logic` reads as where a group would stand at `depth`."""
        name, args = _operation(logic)
        if name == "!!":  # every condition is asked for its truth only
            return self.node(args[0] if isinstance(args, list) else args, depth)
        row = read_row(logic, self.catalogue, self._id) if depth > 1 or not _is_grouping(logic) else None
        if row is not None:
            return row
        if depth > DEPTH_MAX or self.made > ROWS_MAX:
            return LogicBlock(self._id(), logic)
        return self._group(logic, depth) or LogicBlock(self._id(), logic)

    def _group(self, logic: Any, depth: int) -> ConditionGroup | None:
        name, args = _operation(logic)
        if name in _MODES and isinstance(args, list):
            return self._of(_MODES[name], None, args, depth)
        if name == "!":
            inner = args[0] if isinstance(args, list) else args
            inner_name, inner_args = _operation(inner)
            rows = inner_args if inner_name == "or" and isinstance(inner_args, list) else [inner]
            return self._of("none", None, rows, depth)
        count, rows = at_least_parts(logic)
        return self._of("at_least", count, rows, depth) if count else None

    def _of(self, mode: str, count: int | None, rows: list[Any], depth: int) -> ConditionGroup:
        own = self._id() if depth > 1 else "root"
        return ConditionGroup(own, mode, count, tuple(self.node(row, depth + 1) for row in rows))


def _operation(logic: Any) -> tuple[str, Any]:
    if isinstance(logic, dict) and len(logic) == 1:
        name = next(iter(logic))
        return str(name), logic[name]
    return "", None


def _is_grouping(logic: Any) -> bool:
    return _operation(logic)[0] in _MODES


def at_least_parts(logic: Any) -> tuple[int, list[Any]]:
    """The count and the conditions of "at least k of these", as `lower` writes it; 0 where it is something else."""
    name, args = _operation(logic)
    if name != ">=" or not isinstance(args, list) or len(args) != 2 or type(args[1]) is not int:
        return 0, []
    inner, terms = _operation(args[0])
    if inner != "+" or not isinstance(terms, list) or not 1 <= args[1] <= len(terms):
        return 0, []
    rows = [_counted_one(term) for term in terms]
    return (args[1], [row[0] for row in rows]) if all(rows) else (0, [])


def _counted_one(term: Any) -> list[Any]:
    """The condition of `{"if": [condition, 1, 0]}` in a list; empty for anything else."""
    name, args = _operation(term)
    is_counted = name == "if" and isinstance(args, list) and len(args) == 3 and args[1] == 1 and args[2] == 0
    return args[:1] if is_counted and not any(isinstance(each, bool | float) for each in args[1:]) else []
