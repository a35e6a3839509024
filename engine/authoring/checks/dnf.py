"""A condition tree as alternatives, each a range for every fact that it asks about; at most `BOXES_MAX` of them."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import combinations
from typing import Any, TypeAlias

from engine.authoring.checks.ranges import Range, both, is_empty, kind_of, opposite
from engine.authoring.jsonlogic.lower import row_logic, takes_part
from engine.authoring.tree.comparisons import other_fact
from engine.authoring.tree.nodes import ConditionGroup, ConditionRow, LogicBlock, Node

ALTERNATIVES_MAX = 64
OPAQUE = "opaque "
"""Begins the keys of conditions that are looked at as a whole: blocks, parts of texts, comparisons of two facts."""

Alternative: TypeAlias = Mapping[str, Range]
"""Ranges by the path of the fact, by `path ∋ value` for a value in a list fact, or by an opaque key."""
_TRUE = Range("boolean", allowed=frozenset([True]))
_NONE_NEEDED: Alternative = {}


class TooManyAlternatives(Exception):  # noqa: N818 — no error: the analysis ends here and says so
    """More alternatives than are looked at."""


def alternatives(node: Node, *, is_denied: bool = False) -> list[Alternative]:
    """The alternatives of `node`, or of its opposite; none if it can never hold. Raises `TooMany`."""
    if isinstance(node, ConditionGroup):
        return _group(node, is_denied=is_denied)
    if isinstance(node, LogicBlock):
        return _alternatives([(opaque_key(node.logic), _TRUE)], is_denied=is_denied)
    return _row(node, is_denied=is_denied)


def all_of(parts: Iterable[Sequence[Alternative]]) -> list[Alternative]:
    """The alternatives in which every part holds, without those that contradict themselves."""
    found: list[Alternative] = [_NONE_NEEDED]
    for part in parts:
        found = [box for one in found for other in part if (box := joined(one, other)) is not None]
        _bound(found)
    return found


def joined(one: Alternative, other: Alternative) -> Alternative | None:
    """What both boxes admit; None where they exclude each other."""
    ranges = dict(one)
    for key, range_ in other.items():
        ranges[key] = both(ranges[key], range_) if key in ranges else range_
        if is_empty(ranges[key]):
            return None
    return ranges


def atom(row: ConditionRow) -> tuple[str, Range]:
    """What a row with a single range asks: its key and the range. Its opposites are left to `boxes`."""
    path, value = str(row.fact), row.value
    simple = _SIMPLE.get(str(row.operator))
    if row.operator == "contains" and other_fact(value) is None:
        return has_key(path, value), _TRUE
    if simple is None or other_fact(value) is not None:
        return opaque_key(row_logic(row)), _TRUE
    return path, simple(value)


def has_key(path: str, value: Any) -> str:
    """The key for "this list fact contains this value"."""
    return f"{path} ∋ {json.dumps(value)}"


def opaque_key(logic: Any) -> str:
    """The key for a condition that is looked at as a whole."""
    return OPAQUE + json.dumps(logic, sort_keys=True)


def _row(row: ConditionRow, *, is_denied: bool) -> list[Alternative]:
    if row.operator in _DENIALS:
        plain = ConditionRow(row.id, row.fact, _DENIALS[str(row.operator)], row.value)
        return _row(plain, is_denied=not is_denied)
    if row.operator in ("has_any", "has_all"):
        atoms = [(has_key(str(row.fact), each), _TRUE) for each in row.value]
        is_any = (row.operator == "has_any") is not is_denied
        parts = [_alternatives([each], is_denied=is_denied) for each in atoms]
        return _any(parts) if is_any else all_of(parts)
    return _alternatives([atom(row)], is_denied=is_denied)


def _alternatives(atoms: Sequence[tuple[str, Range]], *, is_denied: bool) -> list[Alternative]:
    found = [{key: each} for key, range_ in atoms for each in (opposite(range_) if is_denied else [range_])]
    return [box for box in found if not any(map(is_empty, box.values()))]


def _group(group: ConditionGroup, *, is_denied: bool) -> list[Alternative]:
    asked = [row for row in group.rows if takes_part(row)]
    if group.mode == "at_least":
        count = max(1, group.count or 1)
        return _at_least(asked, len(asked) - count + 1 if is_denied else count, is_denied=is_denied)
    is_each_denied = is_denied is not (group.mode == "none")
    parts = [alternatives(row, is_denied=is_each_denied) for row in asked]
    is_any = (group.mode == "any" and not is_denied) or (group.mode != "any" and is_denied)
    return _any(parts) if is_any else all_of(parts)


def _at_least(asked: list[Node], count: int, *, is_denied: bool) -> list[Alternative]:
    if count <= 0:
        return [_NONE_NEEDED]
    parts = [alternatives(row, is_denied=is_denied) for row in asked]
    found: list[list[Alternative]] = []
    for index, chosen in enumerate(combinations(parts, count)):
        if index >= ALTERNATIVES_MAX:
            raise TooManyAlternatives
        found.append(all_of(chosen))
    return _any(found)


def _any(parts: Iterable[Sequence[Alternative]]) -> list[Alternative]:
    found = [box for part in parts for box in part]
    _bound(found)
    return found


def _bound(found: Sequence[Alternative]) -> None:
    if len(found) > ALTERNATIVES_MAX:
        raise TooManyAlternatives


_DENIALS = {
    "none_of": "one_of",
    "lacks": "contains",
    "has_none": "has_any",
    "holds_not": "holds",
    "is_not_set": "is_set",
}
_SIMPLE: Mapping[str, Callable[[Any], Range]] = {
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
