"""Ready-made rules: packs of documents as JSON, each rule with the reason for it and with examples."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PACKS = HERE / "packs"


@dataclass(frozen=True, slots=True)
class Pack:
    """A named set of rule documents that belong together, and the packs that must stand beside it."""

    name: str
    summary: str
    needs: tuple[str, ...]
    documents: tuple[dict[str, Any], ...]


def packs() -> list[Pack]:
    """Every pack, by name."""
    return [_read(path) for path in sorted(PACKS.glob("*.json"))]


def pack(name: str) -> Pack | None:
    """One pack by its name; None where there is none."""
    return next((known for known in packs() if known.name == name), None)


def with_needs(chosen: Pack) -> list[Pack]:
    """The pack after all that it needs, each once: the order in which they are installed."""
    packs_by_name: dict[str, Pack] = {}
    for name in chosen.needs:
        packs_by_name |= {needed.name: needed for needed in with_needs(_read(PACKS / f"{name}.json"))}
    return [*packs_by_name.values(), chosen]


def _read(path: Path) -> Pack:
    content = json.loads(path.read_text(encoding="utf-8"))
    return Pack(path.stem, content["summary"], tuple(content["needs"]), tuple(content["documents"]))
