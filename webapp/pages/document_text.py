"""Documents as people write them: members in a natural order, and on one line whatever fits."""

import json
from collections.abc import Mapping
from typing import Any

import msgspec

WIDTH = 84
FIRST = ("kind", "key", "name", "description", "events", "trigger", "filter", "condition", "aggregate", "property")
LAST = ("grant", "limits", "why", "examples")


def written(value: Any, indent: int = 0, room: int = 0) -> str:
    """JSON with the members of rule documents in their order; `room` is how many characters the line already has."""
    flat = json.dumps(value, ensure_ascii=False)
    if len(flat) + indent + room <= WIDTH or not isinstance(value, (dict, list)) or not value:
        return flat
    pad, inner = " " * indent, " " * (indent + 2)
    if isinstance(value, dict):
        parts = [f"{json.dumps(name, ensure_ascii=False)}: " for name in value]
        members = [
            part + written(member, indent + 2, len(part)) for part, member in zip(parts, value.values(), strict=True)
        ]
        return "{\n" + ",\n".join(inner + member for member in members) + f"\n{pad}}}"
    return "[\n" + ",\n".join(inner + written(element, indent + 2) for element in value) + f"\n{pad}]"


def in_order(document: Mapping[str, Any]) -> dict[str, Any]:
    """A rule document with what it is first, and what follows from it last."""
    rest = [name for name in document if name not in FIRST and name not in LAST]
    return {name: document[name] for name in (*FIRST, *rest, *LAST) if name in document}


def readable(stored: bytes) -> Any:
    """The stored JSON value, or the plain text if it is not JSON."""
    try:
        return msgspec.json.decode(stored)
    except ValueError:
        return stored.decode(errors="replace")
