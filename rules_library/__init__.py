"""Ready-made rules: packs of documents as JSON, each rule with the reason for it and with examples."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent / "packs"


@dataclass(frozen=True, slots=True)
class Pack:
    """A named set of rule documents that belong together."""

    name: str
    summary: str
    documents: tuple[dict[str, Any], ...]


def packs() -> list[Pack]:
    """Every pack, by name."""
    return [_read(path) for path in sorted(HERE.glob("*.json"))]


def pack(name: str) -> Pack | None:
    """One pack by its name; None where there is none."""
    return next((each for each in packs() if each.name == name), None)


def _read(path: Path) -> Pack:
    content = json.loads(path.read_text(encoding="utf-8"))
    return Pack(path.stem, content["summary"], tuple(content["documents"]))
