"""Conditions as rows of words, with or without what a player brought: the one tree of rules and explanations."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

GROUPS = {"and": "all of these are true", "or": "any of these is true", "!": "this is not true", "!!": "this is true"}
SAID = {"pass": "yes", "fail": "no", "unknown": "not known", "not_needed": "not needed"}


@dataclass(frozen=True, slots=True)
class Seen:
    """One row: what it asks, its verdict, what was found, and the rows below it."""

    text: str
    state: str
    said: str
    rows: tuple["Seen", ...]
    is_group: bool


def rows_of(trace: Mapping[str, Any], document: Mapping[str, Any]) -> tuple[Seen, ...]:
    """The rows of a trace; a root that asks for all of them is not said, as that is how conditions are read."""
    root = _seen(trace, document)
    return root.rows if root.is_group and root.text == GROUPS["and"] else (root,)


def _seen(row: Mapping[str, Any], document: Mapping[str, Any]) -> Seen:
    below = tuple(_seen(each, document) for each in row["rows"])
    text = GROUPS.get(_operator(row["path"], document), row["text"]) if below else row["text"]
    return Seen(text, row["state"], _said(row), below, is_group=bool(below))


def _operator(pointer: str, document: Any) -> str:
    """The operator of the node that a JSON pointer names; empty where it names none."""
    found = document
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        try:
            found = found[int(name)] if isinstance(found, list) else found[name]
        except (KeyError, IndexError, ValueError, TypeError):
            return ""
    return next(iter(found), "") if isinstance(found, dict) else ""


def _said(row: Mapping[str, Any]) -> str:
    if row["state"] == "not_needed":
        return SAID["not_needed"]
    if row["need"] is not None:
        return f"{_plain(row['have'])} of {_plain(row['need'])}"
    is_worth_saying = row["actual"] is not None and not isinstance(row["actual"], (bool, list, dict))
    return _plain(row["actual"]) if is_worth_saying else SAID[row["state"]]


def _plain(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)
