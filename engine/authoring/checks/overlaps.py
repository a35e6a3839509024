"""Other live rules of the same kind that take the same players. CHECKS.md tells how they are compared."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from engine.authoring.checks.dnf import OPAQUE, Alternative, TooManyAlternatives, alternatives, joined
from engine.authoring.checks.finding import Finding, tip, warning
from engine.authoring.checks.ranges import Range, is_inside
from engine.authoring.jsonlogic.lift import lift
from engine.authoring.tree.nodes import Tree
from engine.documents.condition_places import trigger_events
from engine.kinds import KINDS
from engine.kinds.kind import Overlap
from engine.vocabulary.fact import Catalogue

OVERLAPS_MAX = 3
Raw = Mapping[str, Any]


def overlaps(document: Raw, tree: Tree, catalogue: Catalogue, others: Sequence[Raw]) -> tuple[list[Finding], list[str]]:
    """The closest overlaps, at most `OVERLAPS_MAX`, and what could not be compared."""
    kind = KINDS[str(document["kind"])]
    beside = [each for each in others if each.get("kind") == kind.key and each.get("key") != document.get("key")]
    if kind.overlap is None or not beside:
        return [], []
    try:
        own = alternatives(tree)
    except TooManyAlternatives:
        return [], ["overlap with other rules: too many alternatives"]
    found: list[tuple[int, Finding]] = []
    blind = 0
    for other in (each for each in beside if not kind.overlap.needs_same_event or _same_events(document, each)):
        try:
            theirs = alternatives(lift(other.get("condition"), catalogue))
        except TooManyAlternatives:
            theirs = None
        if theirs is None or _is_blind(own, theirs):
            blind += 1
        else:
            found += _compared(kind.overlap, other, own, theirs)
    beyond = [f"overlap with {blind} rule{'s' if blind > 1 else ''} that cannot be compared"] if blind else []
    return [finding for _, finding in sorted(found, key=lambda pair: pair[0])][:OVERLAPS_MAX], beyond


def _compared(
    overlap: Overlap, other: Raw, own: list[Alternative], theirs: list[Alternative]
) -> Iterator[tuple[int, Finding]]:
    name, does = other.get("name") or other.get("key"), overlap.consequence
    meeting = [box for one in own for two in theirs if (box := joined(one, two)) is not None]
    is_in, holds = _inside(own, theirs), _inside(theirs, own)
    keys = {key for box in own for key in box} & {key for box in theirs for key in box}
    if is_in and holds:
        yield 0, warning("overlap", f"Asks the same as {name}. {does}")
    elif not meeting or not keys:
        return
    elif is_in or holds:
        who = f"Whoever meets this meets {name} too" if is_in else f"Whoever meets {name} meets this too"
        yield 1, (warning if overlap.is_serious else tip)("overlap", f"{who}. {does}")
    else:
        yield 2, warning("overlap", f"Overlaps {name}: the same player can meet both. {does}")


def _inside(inner: list[Alternative], outer: list[Alternative]) -> bool:
    """Whether each alternative lies within one of the others."""
    return all(any(_box_inside(one, two) for two in outer) for one in inner)


def _box_inside(inner: Alternative, outer: Alternative) -> bool:
    return all(is_inside(inner.get(key, Range(absent=True)), range_) for key, range_ in outer.items())


def _is_blind(own: list[Alternative], theirs: list[Alternative]) -> bool:
    """Whether anything is asked that is looked at as a whole only."""
    return any(key.startswith(OPAQUE) for box in [*own, *theirs] for key in box)


def _same_events(document: Raw, other: Raw) -> bool:
    own, theirs = set(trigger_events(document)), set(trigger_events(other))
    return "*" in own | theirs or bool(own & theirs)
