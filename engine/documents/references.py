"""Documents that name others: boards their metric, boosts their rules and segment."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from engine.logic.check import unknown
from engine.vocabulary.fact import PLAYER_ATTRIBUTE, Catalogue
from engine.vocabulary.problem import Problem, pointer

Raw: TypeAlias = Mapping[str, Any]
Kinds: TypeAlias = Mapping[str, str]
"""Key → the kind of its document."""
GRANTING = ("earning", "badge", "mission", "levels")
SEGMENTING = ("player.level", "player.state")


def kinds_of(documents: Iterable[Raw]) -> Kinds:
    """The kind of each document by its key, made once for all that name others."""
    named = ((each.get("key"), each.get("kind")) for each in documents)
    return {key: kind for key, kind in named if isinstance(key, str) and isinstance(kind, str)}


def references(raw: Raw, at: str, kinds: Kinds, catalogue: Catalogue) -> Iterator[Problem]:
    """Every name in `raw` that stands for nothing among the documents of these `kinds`."""
    yield from _once_per(raw, at, catalogue)
    if raw["kind"] == "leaderboard":
        yield from _board(raw, at, kinds, catalogue)
    if raw["kind"] == "boost":
        yield from _boost(raw, at, kinds, catalogue)


def _board(raw: Raw, at: str, kinds: Kinds, catalogue: Catalogue) -> Iterator[Problem]:
    score = raw["score"]
    if score.startswith("metric."):
        if kinds.get(score.removeprefix("metric.")) != "metric":
            yield _stranger(score.removeprefix("metric."), "metric", pointer(at, "score"), kinds, catalogue)
    elif score not in ("xp", "coins"):
        yield Problem(pointer(at, "score"), "must be xp, coins or metric.KEY")
    segment = raw.get("segment_by")
    if segment is None or segment in SEGMENTING:
        return
    if not segment.startswith(PLAYER_ATTRIBUTE):
        yield Problem(pointer(at, "segment_by"), "must be player.attributes.NAME, player.level or player.state")
    elif catalogue.fact(segment) is None:
        yield Problem(pointer(at, "segment_by"), unknown(segment, catalogue))


def _boost(raw: Raw, at: str, kinds: Kinds, catalogue: Catalogue) -> Iterator[Problem]:
    for index, key in enumerate(raw.get("targets") or ()):
        if kinds.get(key) not in GRANTING:
            yield _stranger(key, "rule that grants", pointer(at, "targets", index), kinds, catalogue)
    segment = raw.get("segment")
    if segment is not None and kinds.get(segment) != "segment":
        yield _stranger(segment, "segment", pointer(at, "segment"), kinds, catalogue)


def _stranger(name: str, what: str, at: str, kinds: Kinds, catalogue: Catalogue) -> Problem:
    wanted = GRANTING if what == "rule that grants" else (what,)
    return Problem(
        at, f"unknown {what} {name!r}{catalogue.meant(name, (key for key in kinds if kinds[key] in wanted))}"
    )


def _once_per(raw: Raw, at: str, catalogue: Catalogue) -> Iterator[Problem]:
    limits = raw.get("limits") if raw["kind"] == "earning" else None
    for index, path in enumerate((limits or {}).get("once_per") or ()):
        if catalogue.fact(path) is None:
            yield Problem(pointer(at, "limits", "once_per", index), unknown(path, catalogue))
