"""Which levels have paid what reaching them grants: each level once, whatever number it has by now.

Levels are known by their ids (`engine.scoring.rulebook.levels`), which stay with them when others are put in or taken
out below. A state's `top` says that the ids up to it have paid, and `paid` lists those beyond. Without `top`, they are
the ids up to the level that the player is on.
"""

from engine.scoring.rulebook.levels import CompiledLevels
from engine.scoring.state.memory import State


def take_as_reached(state: State, levels: CompiledLevels) -> None:
    """Put a player who has no level yet on the one that the XP reaches; nothing is paid for it."""
    level = levels.level_at(state.get("xp", 0))
    state["level"] = level
    ids = levels.ids[:level]
    if ids != tuple(range(1, level + 1)):
        _record(state, 0, set(ids))


def newly_reached(state: State, levels: CompiledLevels, level: int) -> list[int]:
    """Move the player to a level and return the numbers of those that have not paid yet; now they have."""
    before: int = state.get("level", 1)
    top: int = state.get("top", before)
    paid = state.get("paid", ())
    unpaid = [number for number, id_ in enumerate(levels.ids[:level], 1) if id_ > top and id_ not in paid]
    if unpaid:
        _record(state, top, {*paid, *(levels.ids[number - 1] for number in unpaid)})
    elif level != before:
        state.setdefault("top", before)
    state["level"] = level
    return unpaid


def _record(state: State, top: int, beyond: set[int]) -> None:
    while top + 1 in beyond:
        top += 1
    state["top"] = top
    state["paid"] = sorted(id_ for id_ in beyond if id_ > top)
    if not state["paid"]:
        del state["paid"]
