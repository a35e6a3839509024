"""What a check found: how serious it is, where, in plain words, and an edit that fixes it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """An error blocks publishing; a warning asks to look again; a tip may help."""

    ERROR = "error"
    WARNING = "warning"
    TIP = "tip"


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding. It belongs to the node `node` of the tree, or to the member `field` of the document, or to neither.

    `fix` is an operation on the tree that fixes it, None if no single one does.
    """

    severity: Severity
    code: str
    text: str
    node: str | None = None
    field: str | None = None
    fix: Mapping[str, Any] | None = None

    def to_json(self) -> dict[str, Any]:
        """The finding as plain JSON."""
        return {
            "severity": self.severity.value,
            "code": self.code,
            "text": self.text,
            "node": self.node,
            "field": self.field,
            "fix": dict(self.fix) if self.fix else None,
        }


def warning(code: str, text: str, node: str | None = None, **where: Any) -> Finding:
    """A warning."""
    return Finding(Severity.WARNING, code, text, node, **where)


def tip(code: str, text: str, node: str | None = None, **where: Any) -> Finding:
    """A tip."""
    return Finding(Severity.TIP, code, text, node, **where)
