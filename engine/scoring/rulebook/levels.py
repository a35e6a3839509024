"""Levels: a number and a name for an amount of XP, by thresholds or by a formula."""

from bisect import bisect_right
from dataclasses import dataclass
from typing import Any

from engine.language.compile import CompiledLogic, compile_logic
from engine.language.facts import Facts, MissingFact
from engine.scoring.rulebook.compiled_rules import Grant, compile_grant

TRADERS = ("Rookie", "Trader", "Expert", "Master", "Legend")
TRADER_XP = (0, 100, 400, 1600, 6400)
DOUBLING_BASE = 100
LEVELS_MAX = 100
DOUBLING_LEVELS = 43
XP_MAX = 10**15


@dataclass(frozen=True, slots=True)
class CompiledLevels:
    """Thresholds of XP, ascending from 0, each with its name (empty for "level n") and what reaching it grants.

    `grant` is what every new level gives in addition.
    """

    key: str
    version: int
    thresholds: tuple[int, ...]
    names: tuple[str, ...]
    grants: tuple[Grant, ...]
    grant: Grant

    def level_at(self, xp: int) -> int:
        """The level, from 1, that this much XP reaches."""
        return max(1, bisect_right(self.thresholds, xp))

    def name_of(self, level: int) -> str | None:
        """The name of a level, None where it has none."""
        return (self.names[level - 1] or None) if level <= len(self.names) else None

    def xp_to_next(self, xp: int) -> int | None:
        """How much XP is missing for the next level; None on the last one."""
        level = self.level_at(xp)
        return self.thresholds[level] - xp if level < len(self.thresholds) else None

    def grants_for(self, level: int) -> list[Grant]:
        """What reaching a level gives."""
        level_grant = self.grants[level - 1] if level <= len(self.grants) else Grant()
        return [grant for grant in (level_grant, self.grant) if not grant.is_empty]


def compile_levels(raw: dict[str, Any], version: int) -> CompiledLevels:
    """Compile levels: explicit thresholds, those of a preset, or those at which a formula steps up."""
    steps = raw.get("thresholds") or _steps(raw.get("formula"), raw.get("max_level"))
    return CompiledLevels(
        key=raw["key"],
        version=version,
        thresholds=tuple(step["xp"] for step in steps),
        names=tuple(step.get("name") or "" for step in steps),
        grants=tuple(compile_grant(step.get("grant")) for step in steps),
        grant=compile_grant(raw.get("grant")),
    )


def _steps(formula: Any, max_level: int | None) -> list[dict[str, Any]]:
    """The thresholds of a formula.

    "doubling" is level = floor(log2(xp / 100)) + 1, at least 1: level n begins at 100 × 2^(n−1), which whole
    numbers give exactly where a logarithm would err at the powers of two. "traders" is Rookie to Legend.
    """
    if formula == "traders":
        traders = [{"name": name, "xp": xp} for name, xp in zip(TRADERS, TRADER_XP, strict=True)]
        return traders[: max_level or None]
    if formula == "doubling":
        count = min(max_level or DOUBLING_LEVELS, DOUBLING_LEVELS)
        return [{"xp": 0}, *({"xp": DOUBLING_BASE * 2**n} for n in range(1, count))]
    return [{"xp": xp} for xp in _thresholds(compile_logic(formula), max_level or LEVELS_MAX)]


def _thresholds(formula: CompiledLogic, max_level: int) -> list[int]:
    """For each level the least XP at which the formula, rounded down, reaches it; the formula must not fall."""
    thresholds = [0]
    while len(thresholds) < max_level:
        level = len(thresholds)
        low, high = thresholds[-1], XP_MAX
        if _level(formula, high) <= level:
            break  # the formula never gets beyond this level
        while low < high:
            middle = (low + high) // 2
            if _level(formula, middle) > level:
                high = middle
            else:
                low = middle + 1
        thresholds.append(low)
    return thresholds


def _level(formula: CompiledLogic, xp: int) -> int:
    try:
        return int(formula.number(Facts({"player.xp": xp})))
    except MissingFact:
        return 1
