"""Reads one condition of JsonLogic as a row of the tree, where there is a row that judges exactly the same."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from engine.authoring.tree.comparisons import FACT
from engine.authoring.tree.nodes import ConditionRow
from engine.vocabulary.fact import Catalogue, FactType

_ORDER = {">=": "at_least", "<=": "at_most", ">": "above", "<": "below"}
_MIRRORED = {">=": "at_most", "<=": "at_least", ">": "below", "<": "above"}
_EQUAL = {"===": "is", "==": "is", "!==": "is_not", "!=": "is_not"}
_DENIED = {
    "one_of": "none_of",
    "contains": "lacks",
    "has_any": "has_none",
    "holds": "holds_not",
    "is_not_set": "is_set",
}
_LISTS = (FactType.TEXTS, FactType.LIST)

_Said = tuple[str, str, Any]
"""Fact, operator and value of a row."""


def read_row(logic: Any, catalogue: Catalogue, new_id: Callable[[], str]) -> ConditionRow | None:
    """The row that says the same as `logic`; None where there is none."""
    said = _denied(logic, catalogue) or _said(logic, catalogue)
    return ConditionRow(new_id(), *said) if said else None


def _denied(logic: Any, catalogue: Catalogue) -> _Said | None:
    name, args = _operation(logic)
    if name != "!" or len(args) != 1:
        return None
    said = _said(args[0], catalogue)
    return (said[0], _DENIED[said[1]], said[2]) if said and said[1] in _DENIED else None


def _said(logic: Any, catalogue: Catalogue) -> _Said | None:
    name, args = _operation(logic)
    if name == "var":
        path = fact_of(logic)
        return (path, "holds", None) if path else None
    if name == "missing":
        return _missing(args)
    if name == "in" and len(args) == 2:
        return _membership(*args)
    if name in ("or", "and"):
        return _several(name, args, catalogue)
    if name == "<=" and len(args) == 3:
        return _between(args)
    return _compared(name, args) if len(args) == 2 else None


def _compared(name: str, args: Sequence[Any]) -> _Said | None:
    operator, mirrored = (_ORDER | _EQUAL).get(name), (_MIRRORED | _EQUAL).get(name)
    left, right = args
    path, other = fact_of(left), fact_of(right)
    if operator and path and (other or is_plain(right)):
        return path, operator, {FACT: other} if other else right
    if mirrored and other and is_plain(left):
        return other, mirrored, left
    return None


def _between(args: Sequence[Any]) -> _Said | None:
    low, fact, high = args
    path = fact_of(fact)
    return (path, "between", [low, high]) if path and is_plain(low) and is_plain(high) else None


def _membership(needle: Any, haystack: Any) -> _Said | None:
    path, other = fact_of(needle), fact_of(haystack)
    if path and isinstance(haystack, list | tuple) and haystack and all(map(is_plain, haystack)):
        return path, "one_of", list(haystack)
    if other and (path or is_plain(needle)):
        return other, "contains", {FACT: path} if path else needle
    return None


def _several(name: str, args: Sequence[Any], catalogue: Catalogue) -> _Said | None:
    """Several texts looked for in one list fact."""
    found = [_said(each, catalogue) if _operation(each)[0] == "in" else None for each in args]
    facts = {said[0] for said in found if said and said[1] == "contains" and is_plain(said[2])}
    if len(args) < 2 or len(facts) != 1 or any(said is None or said[1] != "contains" for said in found):
        return None
    path = facts.pop()
    fact, values = catalogue.fact(path), [said[2] for said in found if said]
    is_listed = fact is not None and fact.type in _LISTS and all(map(is_plain, values))
    return (path, "has_any" if name == "or" else "has_all", values) if is_listed else None


def _missing(args: Sequence[Any]) -> _Said | None:
    names = list(args[0]) if len(args) == 1 and isinstance(args[0], list | tuple) else list(args)
    return (names[0], "is_not_set", None) if len(names) == 1 and isinstance(names[0], str) and names[0] else None


def fact_of(logic: Any) -> str:
    """The path that `{"var": path}` asks for; empty where there is a default, or it is something else."""
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


def facts_read(rows: Sequence[ConditionRow]) -> Iterator[str]:
    """The paths that these rows ask about, other facts included."""
    for row in rows:
        if row.fact:
            yield row.fact
        if isinstance(row.value, dict) and row.value.get(FACT):
            yield str(row.value[FACT])
