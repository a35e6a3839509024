"""Documents that name others: boards their metric, boosts their rules and segment, badges other badges."""

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from engine.documents.cycles import badges_asked
from engine.logic.check import unknown
from engine.vocabulary.fact import PLAYER_ATTRIBUTE, Catalogue
from engine.vocabulary.problem import Problem, pointer

Raw = Mapping[str, Any]
GRANTING = ("earning", "badge", "mission", "levels")
SEGMENTING = ("player.level", "player.state")


def references(raw: Raw, at: str, together: Sequence[Raw], catalogue: Catalogue) -> Iterator[Problem]:
    """Every name in `raw` that stands for nothing among the documents `together`."""
    yield from _once_per(raw, at, catalogue)
    if raw["kind"] == "leaderboard":
        yield from _board(raw, at, together, catalogue)
    if raw["kind"] == "boost":
        yield from _boost(raw, at, together)
    if raw["kind"] == "badge":
        yield from _badges(raw, at)


def _keys(together: Sequence[Raw], *kinds: str) -> list[str]:
    return [str(each.get("key")) for each in together if each.get("kind") in kinds]


def _named(name: str, known: list[str], what: str, at: str) -> Iterator[Problem]:
    if name not in known:
        close = get_close_matches(name[:100], known, n=1)
        yield Problem(at, f"unknown {what} {name!r}" + (f"; did you mean {close[0]!r}?" if close else ""))


def _board(raw: Raw, at: str, together: Sequence[Raw], catalogue: Catalogue) -> Iterator[Problem]:
    score = raw["score"]
    if score.startswith("metric."):
        yield from _named(score.removeprefix("metric."), _keys(together, "metric"), "metric", pointer(at, "score"))
    elif score not in ("xp", "coins"):
        yield Problem(pointer(at, "score"), "must be xp, coins or metric.KEY")
    segment = raw.get("segment_by")
    if segment is None or segment in SEGMENTING:
        return
    if not segment.startswith(PLAYER_ATTRIBUTE):
        yield Problem(pointer(at, "segment_by"), "must be player.attributes.NAME, player.level or player.state")
    elif catalogue.fact(segment) is None:
        yield Problem(pointer(at, "segment_by"), unknown(segment, catalogue))


def _boost(raw: Raw, at: str, together: Sequence[Raw]) -> Iterator[Problem]:
    for index, key in enumerate(raw.get("targets") or ()):
        yield from _named(key, _keys(together, *GRANTING), "rule that grants", pointer(at, "targets", index))
    if raw.get("segment") is not None:
        yield from _named(raw["segment"], _keys(together, "segment"), "segment", pointer(at, "segment"))


def _badges(raw: Raw, at: str) -> Iterator[Problem]:
    if raw["key"] in badges_asked(raw.get("condition")):
        yield Problem(pointer(at, "condition"), "a badge cannot need itself; it is awarded once anyway")


def _once_per(raw: Raw, at: str, catalogue: Catalogue) -> Iterator[Problem]:
    limits = raw.get("limits") if raw["kind"] == "earning" else None
    for index, path in enumerate((limits or {}).get("once_per") or ()):
        if catalogue.fact(path) is None:
            yield Problem(pointer(at, "limits", "once_per", index), unknown(path, catalogue))
