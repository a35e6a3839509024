"""Documents that name others: boards their metric, boosts their rules and segment, grants a coupon pool."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from engine.language.check import unknown
from engine.vocabulary.fact import PLAYER_ATTRIBUTE, Catalogue
from engine.vocabulary.problem import Problem, pointer

Raw: TypeAlias = Mapping[str, Any]
Kinds: TypeAlias = Mapping[str, str]
"""Key → the kind of its document."""
GRANTING = ("earning", "badge", "mission", "levels")
WANTED = {"rule that grants": GRANTING, "coupon pool": ("coupon_pool",)}
SEGMENTING = ("player.level", "player.state")


def kinds_of(documents: Iterable[Raw]) -> Kinds:
    """The kind of each document by its key, made once for all that name others."""
    named = ((each.get("key"), each.get("kind")) for each in documents)
    return {key: kind for key, kind in named if isinstance(key, str) and isinstance(kind, str)}


def references(raw: Raw, at: str, kinds: Kinds, catalogue: Catalogue) -> Iterator[Problem]:
    """Every name in `raw` that stands for nothing among the documents of these `kinds`."""
    yield from _once_per(raw, at, catalogue)
    for place, pool in _pools(raw, at):
        if kinds.get(pool) != "coupon_pool":
            yield _stranger(pool, "coupon pool", place, kinds, catalogue)
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


def _pools(raw: Raw, at: str) -> Iterator[tuple[str, str]]:
    """Every coupon pool that a document gives from, with its place."""
    levels = [
        (pointer(at, "thresholds", index, "grant"), each) for index, each in enumerate(raw.get("thresholds") or ())
    ]
    giving = [(pointer(at, "grant"), raw), *levels]
    found = [(place, (each.get("grant") or {}).get("coupon_pool")) for place, each in giving]
    found.append((pointer(at, "fulfilment"), (raw.get("fulfilment") or {}).get("coupon_pool")))
    yield from ((pointer(place, "coupon_pool"), pool) for place, pool in found if pool is not None)


def _stranger(name: str, what: str, at: str, kinds: Kinds, catalogue: Catalogue) -> Problem:
    wanted = WANTED.get(what, (what,))
    near = catalogue.meant(name, (key for key in kinds if kinds[key] in wanted))
    return Problem(at, f"unknown {what} {name!r}{near}")


def _once_per(raw: Raw, at: str, catalogue: Catalogue) -> Iterator[Problem]:
    limits = raw.get("limits") if raw["kind"] == "earning" else None
    for index, path in enumerate((limits or {}).get("once_per") or ()):
        if catalogue.fact(path) is None:
            yield Problem(pointer(at, "limits", "once_per", index), unknown(path, catalogue))
