"""Levels: a number and a name for an amount of XP, by thresholds or by a formula.

A level's number changes when others are put in or taken out below it, but what it grants is paid once. So each level
has an id that it keeps through the versions of the document: a level is the same if it has the same name, or, where
its name is new, if it stands in the place, at the same XP, of one that is gone.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from typing import Any

import msgspec

from engine.language.compile import CompiledLogic, compile_logic
from engine.language.facts import Facts, MissingFact
from engine.scoring.rulebook.compiled_rules import Grant, compile_grant

TRADERS = ("Rookie", "Trader", "Expert", "Master", "Legend")
TRADER_XP = (0, 100, 400, 1600, 6400)
DOUBLING_BASE = 100
LEVELS_MAX = 100
DOUBLING_LEVELS = 43
XP_MAX = 10**15
Raw = dict[str, Any]
LevelName = tuple[str, int]

_encode = msgspec.json.Encoder(order="deterministic").encode
_decode = msgspec.json.Decoder().decode


@dataclass(frozen=True, slots=True)
class CompiledLevels:
    """Thresholds of XP, ascending from 0, each with its name (empty for "level n") and what reaching it grants.

    `grant` is what every new level gives in addition. `ids` tell the levels apart through all versions of the document;
    in the first one they are the numbers, and `was_renumbered` says that in this one or one before they are not.
    """

    key: str
    version: int
    thresholds: tuple[int, ...]
    names: tuple[str, ...]
    grants: tuple[Grant, ...]
    grant: Grant
    ids: tuple[int, ...]
    was_renumbered: bool

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


def compile_levels(raw: Raw, version: int, earlier: Sequence[Raw] = ()) -> CompiledLevels:
    """Compile levels: explicit thresholds, those of a preset, or those at which a formula steps up.

    `earlier` are the documents of the versions before, the oldest first.
    """
    steps = _steps_of(raw)
    ids_of_versions = _ids_of_versions([*(_steps_of(document) for document in earlier), steps])
    return CompiledLevels(
        key=raw["key"],
        version=version,
        thresholds=tuple(step["xp"] for step in steps),
        names=tuple(step.get("name") or "" for step in steps),
        grants=tuple(compile_grant(step.get("grant")) for step in steps),
        grant=compile_grant(raw.get("grant")),
        ids=ids_of_versions[-1],
        was_renumbered=any(ids != tuple(range(1, len(ids) + 1)) for ids in ids_of_versions),
    )


def _ids_of_versions(versions: Sequence[Sequence[Raw]]) -> list[tuple[int, ...]]:
    """The ids of the levels in each of these versions, which are given as their steps."""
    ids_of_versions = []
    id_of_name: dict[LevelName, int] = {}
    names_before: set[LevelName] = set()
    id_at_xp: dict[int, int] = {}
    unused = count(1)
    for steps in versions:
        names = _level_names(steps)
        ids: dict[LevelName, int] = {}
        # Names that the version before had come first: an older name may be that of a level with another one by now.
        for known in (names_before, id_of_name.keys()):
            for name in names:
                if name in known and name not in ids and id_of_name[name] not in ids.values():
                    ids[name] = id_of_name[name]
        for name, step in zip(names, steps, strict=True):
            if name not in ids:
                renamed = id_at_xp.get(step["xp"])
                ids[name] = next(unused) if renamed is None or renamed in ids.values() else renamed
        id_of_name |= ids
        names_before = set(names)
        id_at_xp = {step["xp"]: ids[name] for name, step in zip(names, steps, strict=True)}
        ids_of_versions.append(tuple(ids[name] for name in names))
    return ids_of_versions


def _level_names(steps: Sequence[Raw]) -> list[LevelName]:
    """The names of levels, each with how many before it have the same one: nobody forbids two of a name."""
    names: list[LevelName] = []
    for step in steps:
        name = step.get("name") or ""
        names.append((name, sum(name == earlier for earlier, _ in names)))
    return names


def _steps_of(raw: Raw) -> Sequence[Raw]:
    if raw.get("thresholds"):
        steps: Sequence[Raw] = raw["thresholds"]
        return steps
    return _steps(_encode(raw.get("formula")), raw.get("max_level"))


@lru_cache(maxsize=64)
def _steps(formula_json: bytes, max_level: int | None) -> list[Raw]:
    """The thresholds of a formula, worked out once for all versions that have it.

    "doubling" is level = floor(log2(xp / 100)) + 1, at least 1: level n begins at 100 × 2^(n−1), which whole
    numbers give exactly where a logarithm would err at the powers of two. "traders" is Rookie to Legend.
    """
    formula = _decode(formula_json)
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
