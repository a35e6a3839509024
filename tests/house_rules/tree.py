"""The files that the house rules walk."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent
PACKAGES = ("engine", "rules_library", "webapp")


def modules() -> list[Path]:
    """Every Python module of the product."""
    return sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


def templates() -> list[Path]:
    """Every template."""
    return sorted((ROOT / "templates").rglob("*.html"))


def named(path: Path) -> str:
    """A file as a test's name shows it."""
    return str(path.relative_to(ROOT))


def breaches(paths: Iterable[Path], find: Callable[[str], Any]) -> dict[str, Any]:
    """What `find` returns for the text of each file, wherever that is anything: every breach, not the first alone."""
    results = {named(path): find(path.read_text()) for path in paths}
    return {name: result for name, result in results.items() if result}
