"""Levels: a number and a name for how much XP a player has, by thresholds or by a formula."""

from bisect import bisect_right
from dataclasses import dataclass
from typing import Any

from engine.earning.ruled import Amount, amount_of

TRADERS = ("Rookie", "Trader", "Expert", "Master", "Legend")
TRADER_XP = (0, 100, 400, 1600, 6400)
DOUBLING_BASE = 100
DOUBLING_LEVELS = 50


@dataclass(frozen=True, slots=True)
class Levels:
    """Thresholds of XP, ascending from 0, with a name each (empty for "level n") and what reaching one grants."""

    key: str
    version: int
    thresholds: tuple[int, ...]
    names: tuple[str, ...]
    xp: Amount
    coins: Amount

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


def levels_of(raw: dict[str, Any], version: int) -> Levels:
    """Make levels ready: written thresholds, or those of a preset.

    "doubling" is level = floor(log2(xp / base)) + 1, at least 1: level n begins at base × 2^(n−1), which whole
    numbers give exactly where a logarithm would err at the powers of two. "traders" is Rookie to Legend.
    """
    steps = raw.get("thresholds") or _preset(raw.get("formula"))
    grant = raw.get("grant") or {}
    return Levels(
        raw["key"],
        version,
        tuple(step["xp"] for step in steps),
        tuple(step.get("name") or "" for step in steps),
        amount_of(grant.get("xp")),
        amount_of(grant.get("coins")),
    )


def _preset(formula: Any) -> list[dict[str, Any]]:
    settings = {"preset": formula} if isinstance(formula, str) else dict(formula or {})
    if settings.get("preset") == "traders":
        return [{"name": name, "xp": xp} for name, xp in zip(TRADERS, TRADER_XP, strict=True)]
    base, count = int(settings.get("base", DOUBLING_BASE)), int(settings.get("levels", DOUBLING_LEVELS))
    return [{"xp": 0}, *({"xp": base * 2**n} for n in range(1, count))]
