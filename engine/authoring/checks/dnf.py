"""A condition tree in disjunctive normal form: alternatives, each with a range for every fact it asks about.

There are at most `ALTERNATIVES_MAX` of them; beyond that the analysis gives up instead of growing exponentially.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from itertools import combinations, islice
from typing import Any, TypeAlias

from engine.authoring.checks.ranges import Range, both, is_empty, kind_of, opposite
from engine.authoring.jsonlogic.lower import row_logic, takes_part
from engine.authoring.tree.comparisons import other_fact
from engine.authoring.tree.nodes import ConditionGroup, ConditionRow, LogicBlock, Node

ALTERNATIVES_MAX = 64  # nested groups multiply; beyond this the tree is not analysed, and says so
OPAQUE = "opaque "
"""Begins the keys of conditions that are only compared as a whole: blocks, parts of texts, two facts compared."""

Alternative: TypeAlias = Mapping[str, Range]
"""Ranges by the path of the fact, by `path ∋ value` for a value in a list fact, or by an opaque key."""
_TRUE = Range("boolean", allowed=frozenset([True]))
_ALWAYS: Alternative = {}


class TooManyAlternatives(Exception):  # noqa: N818 — no error: the analysis ends here and says so
    """A condition has more alternatives than are analysed."""


def alternatives(node: Node, *, is_denied: bool = False) -> list[Alternative]:
    """The alternatives of `node`, or of its opposite; none if it can never hold. Raises TooManyAlternatives."""
    if isinstance(node, ConditionGroup):
        return _group(node, is_denied=is_denied)
    if isinstance(node, LogicBlock):
        return _atom_alternatives(opaque_key(node.logic), _TRUE, is_denied=is_denied)
    return _row(node, is_denied=is_denied)


def all_of(parts: Sequence[Sequence[Alternative]]) -> list[Alternative]:
    """The alternatives in which every part holds, without those that contradict themselves."""
    first, *others = parts or [[_ALWAYS]]
    result = list(first)
    for part in others:
        pairs = (joined(one, other) for one in result for other in part)
        possible = (both_hold for both_hold in pairs if both_hold is not None)
        result = list(islice(possible, ALTERNATIVES_MAX + 1))
        _check_size(result)
    return result


def can_both_hold(one: Sequence[Alternative], other: Sequence[Alternative]) -> bool:
    """Whether anything is allowed by an alternative of each."""
    return any(joined(first, second) is not None for first in one for second in other)


def joined(one: Alternative, other: Alternative) -> Alternative | None:
    """What both alternatives allow; None if they exclude each other."""
    ranges = dict(one)
    for key, range_ in other.items():
        ranges[key] = both(ranges[key], range_) if key in ranges else range_
        if is_empty(ranges[key]):
            return None
    return ranges


def atom(row: ConditionRow) -> tuple[str, Range]:
    """What a row with a single range asks: its key and the range. Negative operators are left to `alternatives`."""
    path, value = str(row.fact), row.value
    range_of = _RANGE_OF_OPERATOR.get(str(row.operator))
    compares_facts = other_fact(value) is not None
    if row.operator == "contains" and not compares_facts:
        return has_key(path, value), _TRUE
    if range_of is None or compares_facts:
        return opaque_key(row_logic(row)), _TRUE
    return path, range_of(value)


def has_key(path: str, value: Any) -> str:
    """The key for "this list fact contains this value"."""
    return f"{path} ∋ {json.dumps(value)}"


def opaque_key(logic: Any) -> str:
    """The key for a condition that is only compared as a whole."""
    return OPAQUE + json.dumps(logic, sort_keys=True)


def _row(row: ConditionRow, *, is_denied: bool) -> list[Alternative]:
    if row.operator in _POSITIVE_OPERATORS:
        positive = ConditionRow(row.id, row.fact, _POSITIVE_OPERATORS[str(row.operator)], row.value)
        return _row(positive, is_denied=not is_denied)
    if row.operator in ("has_any", "has_all"):
        parts = [_atom_alternatives(has_key(str(row.fact), value), _TRUE, is_denied=is_denied) for value in row.value]
        # De Morgan: not any of them is all of them denied, and the other way round.
        is_any = (row.operator == "has_any") is not is_denied
        return _any_of(parts) if is_any else all_of(parts)
    return _atom_alternatives(*atom(row), is_denied=is_denied)


def _atom_alternatives(key: str, range_: Range, *, is_denied: bool) -> list[Alternative]:
    ranges = opposite(range_) if is_denied else [range_]
    return [{key: possible} for possible in ranges if not is_empty(possible)]


def _group(group: ConditionGroup, *, is_denied: bool) -> list[Alternative]:
    rows = [row for row in group.rows if takes_part(row)]
    if group.mode == "at_least":
        count = max(1, group.count or 1)
        # Fewer than k of n hold exactly if at least n − k + 1 do not.
        return _at_least(rows, len(rows) - count + 1 if is_denied else count, is_denied=is_denied)
    are_rows_denied = is_denied is not (group.mode == "none")
    parts = [alternatives(row, is_denied=are_rows_denied) for row in rows]
    is_any = (group.mode == "any") is not is_denied
    return _any_of(parts) if is_any else all_of(parts)


def _at_least(rows: list[Node], count: int, *, is_denied: bool) -> list[Alternative]:
    if count <= 0:
        return [_ALWAYS]
    parts = [alternatives(row, is_denied=is_denied) for row in rows]
    choices: list[list[Alternative]] = []
    for index, chosen in enumerate(combinations(parts, count)):
        if index >= ALTERNATIVES_MAX:
            raise TooManyAlternatives
        choices.append(all_of(chosen))
    return _any_of(choices)


def _any_of(parts: Sequence[Sequence[Alternative]]) -> list[Alternative]:
    result = [alternative for part in parts for alternative in part]
    _check_size(result)
    return result


def _check_size(result: Sequence[Alternative]) -> None:
    if len(result) > ALTERNATIVES_MAX:
        raise TooManyAlternatives


_POSITIVE_OPERATORS = {
    "none_of": "one_of",
    "lacks": "contains",
    "has_none": "has_any",
    "holds_not": "holds",
    "is_not_set": "is_set",
}
"""Negative operator → the one it denies."""
_RANGE_OF_OPERATOR: Mapping[str, Callable[[Any], Range]] = {
    "at_least": lambda value: Range(kind_of(value), low=value),
    "above": lambda value: Range(kind_of(value), low=value, is_low_open=True),
    "at_most": lambda value: Range(kind_of(value), high=value),
    "below": lambda value: Range(kind_of(value), high=value, is_high_open=True),
    "between": lambda value: Range(kind_of(value[0]), low=value[0], high=value[1]),
    "is": lambda value: Range(kind_of(value), allowed=frozenset([value])),
    "is_not": lambda value: Range(kind_of(value), excluded=frozenset([value])),
    "one_of": lambda value: Range(kind_of(value[0]), allowed=frozenset(value)),
    "is_set": lambda _: Range(excluded=frozenset([""])),
}
