"""Everything that checks find in a draft: errors, warnings, tips, and what was not analysed. See CHECKS.md."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from engine.authoring.checks.costs import unbounded
from engine.authoring.checks.finding import Finding, Severity, tip
from engine.authoring.checks.finished_document import draft_errors
from engine.authoring.checks.overlaps import overlaps
from engine.authoring.checks.reasoning import reason
from engine.authoring.jsonlogic.lower import takes_part
from engine.authoring.tree.conditions import DraftCondition, draft_conditions
from engine.authoring.tree.nodes import (
    DEPTH_MAX,
    ConditionGroup,
    ConditionRow,
    LogicBlock,
    Tree,
    depths,
    numbers,
    parent_of,
    walk,
)
from engine.language.words.wording import Words
from engine.vocabulary.fact import Catalogue

__all__ = ["DraftFindings", "Finding", "Severity", "findings"]

MISSING_SHARE_TOLD = 0.05
Raw = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DraftFindings:
    """What was found, errors first, and in words what was not looked at: nothing found there is no praise."""

    found: tuple[Finding, ...]
    not_analysed: tuple[str, ...] = ()

    @property
    def errors(self) -> tuple[Finding, ...]:
        """Those that block publishing."""
        return tuple(each for each in self.found if each.severity is Severity.ERROR)

    def to_json(self) -> dict[str, Any]:
        """The findings as plain JSON."""
        return {"found": [each.to_json() for each in self.found], "not_analysed": list(self.not_analysed)}


def findings(
    document: Raw,
    tree: Tree,
    catalogue: Catalogue,
    others: Sequence[Raw] = (),
    missing: Mapping[str, float] | None = None,
    zones: Container[str] | None = None,
) -> DraftFindings:
    """Checks a draft beside the live documents `others`, whose facts and its own `catalogue` holds.

    `missing` is the share of recent events (0 to 1) without a fact, by its path; `zones` the known time zones.
    """
    errors = draft_errors(document, tree, catalogue, others, zones)
    found = [*errors, *unbounded(document)]
    conditions = draft_conditions(document, tree, catalogue)
    beyond = [each.told(said) for each in conditions for said in _unread(each.tree)]
    if any(each.node is not None and each.code == "condition" for each in errors):
        beyond.append("contradictions and overlaps, until the errors are mended")
    else:
        for each in conditions:
            warnings, too_much = reason(each.tree, each.catalogue)
            found += _told(each, warnings)
            beyond += map(each.told, too_much)
        overlapping, blind = overlaps(document, tree, catalogue, others)
        found += overlapping
        beyond += blind
    for each in conditions:
        found += _told(each, _often_missing(each.tree, each.catalogue, missing or {}))
    order = list(Severity)
    return DraftFindings(tuple(sorted(found, key=lambda each: order.index(each.severity))), tuple(beyond))


def _told(part: DraftCondition, found: Iterable[Finding]) -> Iterator[Finding]:
    return (replace(each, text=part.told(each.text)) for each in found)


def _unread(tree: Tree) -> Iterator[str]:
    """The blocks: what stands in them is checked for errors and looked at no further."""
    number = numbers(tree)
    blocks = [number[node.id] for node in walk(tree) if isinstance(node, LogicBlock) and takes_part(node)]
    if blocks:
        yield f"what stands in the advanced block{'s' if len(blocks) > 1 else ''} {', '.join(blocks)}"


def _often_missing(tree: Tree, catalogue: Catalogue, missing: Mapping[str, float]) -> Iterator[Finding]:
    number, words = numbers(tree), Words(catalogue)
    for row in walk(tree):
        if not isinstance(row, ConditionRow) or not takes_part(row) or row.operator in ("is_set", "is_not_set"):
            continue
        share, beside = missing.get(str(row.fact), 0), parent_of(tree, row.id)
        if share < MISSING_SHARE_TOLD or _has_or_not_set(beside, row):
            continue
        holds = "holds" if row.operator in ("none_of", "lacks", "has_none", "holds_not") else "does not hold"
        often = f"{words.path(str(row.fact)).capitalize()} is missing in {share * 100:.0f} % of events"
        fits = depths(tree)[row.id] <= DEPTH_MAX or (beside is not None and beside.mode == "any")
        fix = {"op": "or_not_set", "id": row.id} if fits else None
        yield tip("often_missing", f"{often}: {number[row.id]} {holds} for them", row.id, fix=fix)


def _has_or_not_set(beside: ConditionGroup | None, row: ConditionRow) -> bool:
    """Whether "or is not set" stands beside the row already."""
    rows = beside.rows if beside is not None and beside.mode == "any" else ()
    return any(
        isinstance(each, ConditionRow) and each.fact == row.fact and each.operator == "is_not_set" for each in rows
    )
