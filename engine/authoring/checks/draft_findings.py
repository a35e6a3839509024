"""Everything that checks find in a draft: errors, warnings, tips, and what was not analysed. See CHECKS.md."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from engine.authoring.checks.award_costs import unbounded
from engine.authoring.checks.finding import Finding, Severity
from engine.authoring.checks.finished_document import draft_errors
from engine.authoring.checks.missing_facts import missing_in_conditions, missing_in_fields
from engine.authoring.checks.overlaps import overlaps
from engine.authoring.checks.reasoning import reason
from engine.authoring.jsonlogic.lower import takes_part
from engine.authoring.tree.conditions import DraftCondition, draft_conditions
from engine.authoring.tree.nodes import LogicBlock, Tree, numbers, walk
from engine.vocabulary.fact import Catalogue

__all__ = ["DraftFindings", "Finding", "Severity", "draft_findings"]

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
    shares = missing or {}
    collected += missing_in_fields(document, catalogue, shares)
    for condition in conditions:
        collected += _with_row(condition, missing_in_conditions(condition.tree, condition.catalogue, shares))
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
