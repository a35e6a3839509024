"""Badges that need badges: what a condition asks of them, and whether they go round in a circle."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

_BADGES = "player.badges"


def badges_asked(logic: Any) -> Iterator[str]:
    """The keys of the badges that a condition looks for among the player's."""
    if isinstance(logic, dict):
        for name, operands in logic.items():
            if isinstance(operands, list) and any(_reads_badges(each) for each in operands):
                yield from _texts(operands)
            if name != "var":
                yield from badges_asked(operands)
    elif isinstance(logic, list):
        for each in logic:
            yield from badges_asked(each)


def _reads_badges(logic: Any) -> bool:
    if isinstance(logic, dict) and "var" in logic:
        asked = logic["var"]
        return asked == _BADGES or (isinstance(asked, list) and asked[:1] == [_BADGES])
    return False


def _texts(logic: Any) -> Iterator[str]:
    if isinstance(logic, str):
        yield logic
    elif isinstance(logic, list):
        for each in logic:
            yield from _texts(each)
    elif isinstance(logic, dict) and "var" not in logic:
        for each in logic.values():
            yield from _texts(each)


def needs_of(badges: Iterable[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Badge → the badges that its condition looks for."""
    return {str(each.get("key")): sorted(set(badges_asked(each.get("condition")))) for each in badges}


def circle(key: str, needs: Mapping[str, Sequence[str]]) -> str:
    """Why a badge could never be earned first; empty where it could."""
    badges = _circle(key, needs)
    if badges == [key, key]:
        return "a badge cannot require itself"
    return f"badges require each other in a circle: {' → '.join(badges)}" if badges else ""


def _circle(key: str, needs: Mapping[str, Sequence[str]]) -> list[str]:
    """The badges from `key` back to `key`, each needing the next; empty if there is no such circle."""
    came: dict[str, str] = {}
    waiting = [key]
    while waiting:
        here = waiting.pop()
        for needed in needs.get(here, ()):
            if needed == key:
                return [*_way(came, here), key]
            if needed not in came:
                came[needed] = here
                waiting.append(needed)
    return []


def _way(came: Mapping[str, str], here: str) -> list[str]:
    way = [here]
    while here in came:
        here = came[here]
        way.insert(0, here)
    return way
