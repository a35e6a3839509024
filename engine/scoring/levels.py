"""Levels: a number and a name for how much XP a player has, by thresholds or by a formula."""

from bisect import bisect_right
from dataclasses import dataclass
from typing import Any

from engine.language.compile import Compiled, compile_logic
from engine.language.facts import Facts
from engine.language.missing_facts import MissingFact
from engine.scoring.rulebook.compiled_rules import Grant, grant_of

TRADERS = ("Rookie", "Trader", "Expert", "Master", "Legend")
TRADER_XP = (0, 100, 400, 1600, 6400)
DOUBLING_BASE = 100
LEVELS_MAX = 100
DOUBLING_LEVELS = 43
XP_MAX = 10**15


@dataclass(frozen=True, slots=True)
class Levels:
    """Thresholds of XP, ascending from 0, each with its name (empty for "level n") and what reaching it grants.

    `grant` is what every new level gives besides.
    """

    key: str
    version: int
    thresholds: tuple[int, ...]
    names: tuple[str, ...]
    grants: tuple[Grant, ...]
    grant: Grant

    def number(self, xp: int) -> int:
        """The level, from 1, that this much XP stands on."""
        return max(1, bisect_right(self.thresholds, xp))

    def name(self, number: int) -> str | None:
        """The name of a level, None where it has none."""
        return (self.names[number - 1] or None) if number <= len(self.names) else None

    def to_next(self, xp: int) -> int | None:
        """How much XP the next level takes; None on the last one."""
        number = self.number(xp)
        return self.thresholds[number] - xp if number < len(self.thresholds) else None

    def paid_for(self, number: int) -> list[Grant]:
        """What reaching a level gives."""
        own = self.grants[number - 1] if number <= len(self.grants) else Grant()
        return [each for each in (own, self.grant) if not each.is_nothing]


def levels_of(raw: dict[str, Any], version: int) -> Levels:
    """Make levels ready: written thresholds, those of a preset, or those at which a formula steps up."""
    steps = raw.get("thresholds") or _steps(raw.get("formula"), raw.get("max_level"))
    return Levels(
        raw["key"],
        version,
        tuple(step["xp"] for step in steps),
        tuple(step.get("name") or "" for step in steps),
        tuple(grant_of(step.get("grant")) for step in steps),
        grant_of(raw.get("grant")),
    )


def _steps(formula: Any, most: int | None) -> list[dict[str, Any]]:
    """The thresholds of a formula.

    "doubling" is level = floor(log2(xp / 100)) + 1, at least 1: level n begins at 100 × 2^(n−1), which whole
    numbers give exactly where a logarithm would err at the powers of two. "traders" is Rookie to Legend.
    """
    if formula == "traders":
        return [{"name": name, "xp": xp} for name, xp in zip(TRADERS, TRADER_XP, strict=True)][: most or None]
    if formula == "doubling":
        count = min(most or DOUBLING_LEVELS, DOUBLING_LEVELS)
        return [{"xp": 0}, *({"xp": DOUBLING_BASE * 2**n} for n in range(1, count))]
    return [{"xp": xp} for xp in _thresholds(compile_logic(formula), most or LEVELS_MAX)]


def _thresholds(formula: Compiled, most: int) -> list[int]:
    """For each level the least XP at which the formula, rounded down, has reached it; the formula must not fall."""
    found = [0]
    while len(found) < most:
        low, high = found[-1], XP_MAX
        if _level(formula, high) <= len(found):
            break
        while low < high:
            middle = (low + high) // 2
            low, high = (low, middle) if _level(formula, middle) > len(found) else (middle + 1, high)
        found.append(low)
    return found


def _level(formula: Compiled, xp: int) -> int:
    try:
        return int(formula.number(Facts({"player.xp": xp})))
    except MissingFact:
        return 1
