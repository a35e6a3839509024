"""Badges that require other badges, and whether they require each other in a circle."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

_BADGES = "player.badges"


def required_badges(logic: Any) -> Iterator[str]:
    """The keys of the badges that a condition requires a player to have."""
    if isinstance(logic, dict):
        for name, operands in logic.items():
            if isinstance(operands, list) and any(_reads_badges(operand) for operand in operands):
                yield from _texts(operands)
            if name != "var":
                yield from required_badges(operands)
    elif isinstance(logic, list):
        for operand in logic:
            yield from required_badges(operand)


def _reads_badges(logic: Any) -> bool:
    if isinstance(logic, dict) and "var" in logic:
        path = logic["var"]
        return path == _BADGES or (isinstance(path, list) and path[:1] == [_BADGES])
    return False


def _texts(logic: Any) -> Iterator[str]:
    if isinstance(logic, str):
        yield logic
    elif isinstance(logic, list):
        for operand in logic:
            yield from _texts(operand)
    elif isinstance(logic, dict) and "var" not in logic:
        for operands in logic.values():
            yield from _texts(operands)


def requirements_of(badges: Iterable[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Badge → the badges that its condition requires."""
    return {str(badge.get("key")): sorted(set(required_badges(badge.get("condition")))) for badge in badges}


def circle_problem(key: str, requirements: Mapping[str, Sequence[str]]) -> str:
    """Why a badge could never be earned first; empty where it could."""
    badges = _find_circle(key, requirements)
    if badges == [key, key]:
        return "a badge cannot require itself"
    return f"badges require each other in a circle: {' → '.join(badges)}" if badges else ""


def _find_circle(key: str, requirements: Mapping[str, Sequence[str]]) -> list[str]:
    """The badges from `key` back to `key`, each requiring the next; empty if there is no such circle."""
    required_by: dict[str, str] = {}
    pending = [key]
    while pending:
        badge = pending.pop()
        for needed in requirements.get(badge, ()):
            if needed == key:
                return [*_path_to(required_by, badge), key]
            if needed not in required_by:
                required_by[needed] = badge
                pending.append(needed)
    return []


def _path_to(required_by: Mapping[str, str], badge: str) -> list[str]:
    path = [badge]
    while badge in required_by:
        badge = required_by[badge]
        path.insert(0, badge)
    return path
