"""Other live rules of the same kind that reach the same players. CHECKS.md explains how they are compared."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from engine.authoring.checks.dnf import OPAQUE, Alternative, TooManyAlternatives, alternatives, can_both_hold
from engine.authoring.checks.finding import Finding, tip, warning
from engine.authoring.checks.ranges import Range, is_inside
from engine.authoring.jsonlogic.lift import lift
from engine.authoring.tree.nodes import Tree
from engine.documents.condition_places import trigger_events
from engine.kinds import KINDS
from engine.kinds.kind import Overlap
from engine.vocabulary.fact import Catalogue

OVERLAPS_MAX = 3  # more would bury the other findings
Raw = Mapping[str, Any]
_SAME, _CONTAINED, _CROSSING = 0, 1, 2
"""How close an overlap is; the closest are reported first."""


def overlaps(document: Raw, tree: Tree, catalogue: Catalogue, others: Sequence[Raw]) -> tuple[list[Finding], list[str]]:
    """The closest overlaps, at most `OVERLAPS_MAX`, and what could not be compared."""
    kind = KINDS[str(document["kind"])]
    rivals = [other for other in others if other.get("kind") == kind.key and other.get("key") != document.get("key")]
    if kind.overlap is None or not rivals:
        return [], []
    if kind.overlap.needs_same_event:
        rivals = [other for other in rivals if _shares_event(document, other)]
    try:
        own = alternatives(tree)
    except TooManyAlternatives:
        return [], ["overlap with other rules: too many alternatives"]
    ranked: list[tuple[int, Finding]] = []
    incomparable = 0
    for other in rivals:
        try:
            theirs = alternatives(lift(other.get("condition"), catalogue))
        except TooManyAlternatives:
            incomparable += 1
            continue
        if _has_opaque(own) or _has_opaque(theirs):
            incomparable += 1
        else:
            ranked += _compare(kind.overlap, other, own, theirs)
    closest = [finding for _, finding in sorted(ranked, key=lambda pair: pair[0])][:OVERLAPS_MAX]
    if not incomparable:
        return closest, []
    return closest, [f"overlap with {incomparable} rule{'s' if incomparable > 1 else ''} that cannot be compared"]


def _compare(
    overlap: Overlap, other: Raw, own: list[Alternative], theirs: list[Alternative]
) -> Iterator[tuple[int, Finding]]:
    name, consequence = other.get("name") or other.get("key"), overlap.consequence
    is_contained, contains = _is_within(own, theirs), _is_within(theirs, own)
    shares_facts = bool(_keys(own) & _keys(theirs))
    if is_contained and contains:
        yield _SAME, warning("overlap", f"Asks the same as {name}. {consequence}")
    elif not shares_facts or not can_both_hold(own, theirs):
        return
    elif is_contained or contains:
        who = f"Whoever meets this meets {name} too" if is_contained else f"Whoever meets {name} meets this too"
        report = warning if overlap.is_serious else tip
        yield _CONTAINED, report("overlap", f"{who}. {consequence}")
    else:
        yield _CROSSING, warning("overlap", f"Overlaps {name}: the same player can meet both. {consequence}")


def _keys(possible: list[Alternative]) -> set[str]:
    return {key for alternative in possible for key in alternative}


def _is_within(inner: list[Alternative], outer: list[Alternative]) -> bool:
    """Whether each alternative lies within one of the others."""
    return all(any(_is_alternative_within(one, two) for two in outer) for one in inner)


def _is_alternative_within(inner: Alternative, outer: Alternative) -> bool:
    return all(is_inside(inner.get(key, Range(absent=True)), range_) for key, range_ in outer.items())


def _has_opaque(possible: list[Alternative]) -> bool:
    """Whether anything is asked that can only be compared as a whole."""
    return any(key.startswith(OPAQUE) for alternative in possible for key in alternative)


def _shares_event(document: Raw, other: Raw) -> bool:
    own, theirs = set(trigger_events(document)), set(trigger_events(other))
    return "*" in own | theirs or bool(own & theirs)
