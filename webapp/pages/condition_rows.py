"""Conditions as rows of words, with or without a player's values: the one tree of rule pages and explanations."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

GROUP_TEXTS = {
    "and": "all of these are true",
    "or": "any of these is true",
    "!": "this is not true",
    "!!": "this is true",
}
VERDICT_TEXTS = {"pass": "yes", "fail": "no", "unknown": "not known", "not_needed": "not needed"}


@dataclass(frozen=True, slots=True)
class ConditionLine:
    """One row: the condition in words, its verdict, the actual value, and the rows below it."""

    text: str
    state: str
    actual: str
    rows: tuple["ConditionLine", ...]
    is_group: bool


def rows_of(trace: Mapping[str, Any], document: Mapping[str, Any]) -> tuple[ConditionLine, ...]:
    """The rows of a trace; a root group of "all" is left out, as conditions are read that way anyway."""
    root = _row(trace, document)
    return root.rows if root.is_group and root.text == GROUP_TEXTS["and"] else (root,)


def _row(row: Mapping[str, Any], document: Mapping[str, Any]) -> ConditionLine:
    below = tuple(_row(inner, document) for inner in row["rows"])
    text = GROUP_TEXTS.get(_operator(row["path"], document), row["text"]) if below else row["text"]
    return ConditionLine(text, row["state"], _verdict_text(row), below, is_group=bool(below))


def _operator(pointer: str, document: Any) -> str:
    """The operator of the node at a JSON pointer; empty if there is none."""
    node = document
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        try:
            node = node[int(name)] if isinstance(node, list) else node[name]
        except (KeyError, IndexError, ValueError, TypeError):
            return ""
    return next(iter(node), "") if isinstance(node, dict) else ""


def _verdict_text(row: Mapping[str, Any]) -> str:
    if row["state"] == "not_needed":
        return VERDICT_TEXTS["not_needed"]
    if row["need"] is not None:
        return f"{_plain(row['have'])} of {_plain(row['need'])}"
    is_informative = row["actual"] is not None and not isinstance(row["actual"], (bool, list, dict))
    return _plain(row["actual"]) if is_informative else VERDICT_TEXTS[row["state"]]


def _plain(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)
