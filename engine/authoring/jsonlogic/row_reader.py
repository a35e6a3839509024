"""Reads one condition of JsonLogic as a row of the tree, if there is a row that judges exactly the same."""

from collections.abc import Callable, Sequence
from typing import Any

from engine.authoring.tree.comparisons import FACT
from engine.authoring.tree.nodes import ConditionRow
from engine.vocabulary.fact import Catalogue, FactType

_EQUALITY = {"===": "is", "==": "is", "!==": "is_not", "!=": "is_not"}
_OPERATORS = {">=": "at_least", "<=": "at_most", ">": "above", "<": "below", **_EQUALITY}
_MIRRORED = {">=": "at_most", "<=": "at_least", ">": "below", "<": "above", **_EQUALITY}
"""The operator if the fact is on the right: `40 <= score`."""
_DENIED = {
    "one_of": "none_of",
    "contains": "lacks",
    "has_any": "has_none",
    "holds": "holds_not",
    "is_not_set": "is_set",
}
_LISTS = (FactType.TEXTS, FactType.LIST)

_RowContent = tuple[str, str, Any]
"""Fact, operator and value of a row."""


def read_row(logic: Any, catalogue: Catalogue, new_id: Callable[[], str]) -> ConditionRow | None:
    """The row that says the same as `logic`; None if there is none."""
    content = _read_denied(logic, catalogue) or _read(logic, catalogue)
    return ConditionRow(new_id(), *content) if content else None


def _read_denied(logic: Any, catalogue: Catalogue) -> _RowContent | None:
    name, args = _operation(logic)
    if name != "!" or len(args) != 1:
        return None
    content = _read(args[0], catalogue)
    if content is None or content[1] not in _DENIED:
        return None
    fact, operator, value = content
    return fact, _DENIED[operator], value


def _read(logic: Any, catalogue: Catalogue) -> _RowContent | None:
    name, args = _operation(logic)
    if name == "var":
        path = fact_of(logic)
        return (path, "holds", None) if path else None
    if name == "missing":
        return _read_missing(args)
    if name == "in" and len(args) == 2:
        return _read_membership(*args)
    if name in ("or", "and"):
        return _read_several(name, args, catalogue)
    if name == "<=" and len(args) == 3:
        return _read_between(args)
    return _read_comparison(name, *args) if len(args) == 2 else None


def _read_comparison(name: str, left: Any, right: Any) -> _RowContent | None:
    if name not in _OPERATORS:
        return None
    path, other = fact_of(left), fact_of(right)
    if path and other:
        return path, _OPERATORS[name], {FACT: other}
    if path and is_plain(right):
        return path, _OPERATORS[name], right
    if other and is_plain(left):
        return other, _MIRRORED[name], left
    return None


def _read_between(args: Sequence[Any]) -> _RowContent | None:
    low, fact, high = args
    path = fact_of(fact)
    return (path, "between", [low, high]) if path and is_plain(low) and is_plain(high) else None


def _read_membership(needle: Any, haystack: Any) -> _RowContent | None:
    path, other = fact_of(needle), fact_of(haystack)
    if path and isinstance(haystack, list | tuple) and haystack and all(map(is_plain, haystack)):
        return path, "one_of", list(haystack)
    if other and (path or is_plain(needle)):
        return other, "contains", {FACT: path} if path else needle
    return None


def _read_several(name: str, args: Sequence[Any], catalogue: Catalogue) -> _RowContent | None:
    """Several texts looked for in one list fact."""
    if len(args) < 2:
        return None
    contents = [_read(arg, catalogue) if _operation(arg)[0] == "in" else None for arg in args]
    paths, values = set(), []
    for content in contents:
        if content is None or content[1] != "contains":
            return None
        path, _, value = content
        if not is_plain(value):
            return None
        paths.add(path)
        values.append(value)
    if len(paths) != 1:
        return None
    path = paths.pop()
    fact = catalogue.fact(path)
    if fact is None or fact.type not in _LISTS:
        return None
    return path, "has_any" if name == "or" else "has_all", values


def _read_missing(args: Sequence[Any]) -> _RowContent | None:
    names = list(args[0]) if len(args) == 1 and isinstance(args[0], list | tuple) else list(args)
    if len(names) != 1 or not isinstance(names[0], str) or not names[0]:
        return None
    return names[0], "is_not_set", None


def fact_of(logic: Any) -> str:
    """The path that `{"var": path}` reads; empty if there is a default, or if it is something else."""
    name, args = _operation(logic)
    return args[0] if name == "var" and len(args) == 1 and isinstance(args[0], str) else ""


def is_plain(value: Any) -> bool:
    """Whether a row can hold it: a number, a boolean, a text that is not empty."""
    return isinstance(value, int | float | str) and value != ""


def _operation(logic: Any) -> tuple[str, list[Any]]:
    if not isinstance(logic, dict) or len(logic) != 1:
        return "", []
    name = next(iter(logic))
    args = logic[name]
    return str(name), list(args) if isinstance(args, list | tuple) else [args]
