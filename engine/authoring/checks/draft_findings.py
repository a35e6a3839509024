"""Everything that checks find in a draft: errors, warnings, tips, and what was not analysed. See CHECKS.md."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from engine.authoring.checks.award_costs import unbounded
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
from engine.language.words.wording import OperandWords
from engine.vocabulary.fact import Catalogue

__all__ = ["DraftFindings", "Finding", "Severity", "draft_findings"]

MISSING_SHARE_TOLD = 0.05  # below, a missing fact is an exception that no author needs to provide for
_PRESENCE_OPERATORS = ("is_set", "is_not_set")
_HOLD_IF_MISSING = ("none_of", "lacks", "has_none", "holds_not")
Raw = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DraftFindings:
    """All findings, errors first, and in words what was not analysed: silence about that is no praise."""

    all: tuple[Finding, ...]
    not_analysed: tuple[str, ...] = ()

    @property
    def errors(self) -> tuple[Finding, ...]:
        """Those that block publishing."""
        return tuple(finding for finding in self.all if finding.severity is Severity.ERROR)

    def to_json(self) -> dict[str, Any]:
        """The findings as plain JSON."""
        return {"found": [finding.to_json() for finding in self.all], "not_analysed": list(self.not_analysed)}


def draft_findings(
    document: Raw,
    tree: Tree,
    catalogue: Catalogue,
    others: Sequence[Raw] = (),
    missing: Mapping[str, float] | None = None,
    zones: Container[str] | None = None,
) -> DraftFindings:
    """Check a draft beside the live documents `others`; `catalogue` holds the facts of both.

    `missing` is the share of recent events (0 to 1) without a fact, by its path; `zones` the known time zones.
    """
    errors = draft_errors(document, tree, catalogue, others, zones)
    collected = [*errors, *unbounded(document)]
    conditions = draft_conditions(document, tree, catalogue)
    not_analysed = [condition.prefixed(text) for condition in conditions for text in _blocks(condition.tree)]
    if any(error.node is not None and error.code == "condition" for error in errors):
        not_analysed.append("contradictions and overlaps, until the errors are fixed")
    else:
        for condition in conditions:
            warnings, too_large = reason(condition.tree, condition.catalogue)
            collected += _with_row(condition, warnings)
            not_analysed += map(condition.prefixed, too_large)
        overlapping, incomparable = overlaps(document, tree, catalogue, others)
        collected += overlapping
        not_analysed += incomparable
    for condition in conditions:
        collected += _with_row(condition, _often_missing(condition.tree, condition.catalogue, missing or {}))
    order = list(Severity)
    in_order = sorted(collected, key=lambda finding: order.index(finding.severity))
    return DraftFindings(tuple(in_order), tuple(not_analysed))


def _with_row(condition: DraftCondition, findings: Iterable[Finding]) -> Iterator[Finding]:
    return (replace(finding, text=condition.prefixed(finding.text)) for finding in findings)


def _blocks(tree: Tree) -> Iterator[str]:
    """The blocks: their contents are checked for errors and not analysed further."""
    number = numbers(tree)
    blocks = [number[node.id] for node in walk(tree) if isinstance(node, LogicBlock) and takes_part(node)]
    if blocks:
        yield f"the contents of the advanced block{'s' if len(blocks) > 1 else ''} {', '.join(blocks)}"


def _often_missing(tree: Tree, catalogue: Catalogue, missing: Mapping[str, float]) -> Iterator[Finding]:
    number, depth, words = numbers(tree), depths(tree), OperandWords(catalogue)
    for row in walk(tree):
        if not isinstance(row, ConditionRow) or not takes_part(row) or row.operator in _PRESENCE_OPERATORS:
            continue
        share = missing.get(str(row.fact), 0)
        if share < MISSING_SHARE_TOLD:
            continue
        group = parent_of(tree, row.id)
        if _has_or_not_set(group, row):
            continue
        verdict = "holds" if row.operator in _HOLD_IF_MISSING else "does not hold"
        often = f"{words.path(str(row.fact)).capitalize()} is missing in {share * 100:.0f} % of events"
        # The fix wraps the row in an "any" group, unless it is in one already.
        fits = depth[row.id] <= DEPTH_MAX or (group is not None and group.mode == "any")
        fix = {"op": "or_not_set", "id": row.id} if fits else None
        yield tip("often_missing", f"{often}: {number[row.id]} {verdict} for them", row.id, fix=fix)


def _has_or_not_set(group: ConditionGroup | None, row: ConditionRow) -> bool:
    """Whether "or is not set" is beside the row already."""
    siblings = group.rows if group is not None and group.mode == "any" else ()
    return any(
        isinstance(sibling, ConditionRow) and sibling.fact == row.fact and sibling.operator == "is_not_set"
        for sibling in siblings
    )
