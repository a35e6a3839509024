"""What a draft reads although recent events lack it: in conditions, amounts, limits, and what a metric measures."""

from collections.abc import Iterator, Mapping
from typing import Any

from engine.authoring.checks.finding import Finding, tip, warning
from engine.authoring.fact_paths import FieldRead, fields_reading
from engine.authoring.jsonlogic.lower import takes_part
from engine.authoring.tree.comparisons import other_fact
from engine.authoring.tree.nodes import DEPTH_MAX, ConditionGroup, ConditionRow, Tree, depths, numbers, parent_of, walk
from engine.language.words.wording import OperandWords
from engine.vocabulary.fact import Catalogue

Raw = Mapping[str, Any]
SHARE_REPORTED = 0.05  # below, a missing fact is an exception that no author needs to provide for
ALWAYS = 1.0
_PRESENCE_OPERATORS = ("is_set", "is_not_set")
_HOLD_IF_MISSING = ("none_of", "lacks", "has_none", "holds_not", "is_not_set")


def missing_in_conditions(tree: Tree, catalogue: Catalogue, shares: Mapping[str, float]) -> Iterator[Finding]:
    """A tip for each row that reads what some events lack, and a warning where all of them do."""
    reports = _MissingFacts(catalogue, shares)
    for row in walk(tree):
        if isinstance(row, ConditionRow) and takes_part(row):
            yield from reports.of_row(tree, row)


def missing_in_fields(
    document: Mapping[str, object], catalogue: Catalogue, shares: Mapping[str, float]
) -> list[Finding]:
    """A warning for each field that reads what events lack: without it, nothing is given or counted."""
    reports = _MissingFacts(catalogue, shares)
    return [finding for read in fields_reading(document) for finding in reports.of_field(read)]


class _MissingFacts:
    def __init__(self, catalogue: Catalogue, shares: Mapping[str, float]) -> None:
        self.words, self.shares = OperandWords(catalogue), shares

    def of_field(self, read: FieldRead) -> Iterator[Finding]:
        if self._share(read.path) >= SHARE_REPORTED:
            text = f"{read.label}: {self._often(read.path)}, so {read.consequence}"
            yield warning("often_missing", text, field=read.pointer)

    def of_row(self, tree: Tree, row: ConditionRow) -> Iterator[Finding]:
        paths = [path for path in (str(row.fact), other_fact(row.value)) if path]
        path = max(paths, key=self._share)
        share, number = self._share(path), numbers(tree)[row.id]
        verdict = "holds" if row.operator in _HOLD_IF_MISSING else "does not hold"
        text = f"{self._often(path)}: {number} {verdict} for them"
        group = parent_of(tree, row.id)
        if share >= ALWAYS:
            yield warning("often_missing", text, row.id)
        elif share >= SHARE_REPORTED and row.operator not in _PRESENCE_OPERATORS and not _has_or_not_set(group, row):
            # The fix wraps the row in an "any" group, unless it is in one already.
            fits = depths(tree)[row.id] <= DEPTH_MAX or (group is not None and group.mode == "any")
            fix = {"op": "or_not_set", "id": row.id} if fits and path == row.fact else None
            yield tip("often_missing", text, row.id, fix=fix)

    def _share(self, path: str) -> float:
        return self.shares.get(path, 0)

    def _often(self, path: str) -> str:
        label = self.words.path(path)
        return f"{label[:1].upper()}{label[1:]} is missing in {self._share(path) * 100:.0f} % of events"


def _has_or_not_set(group: ConditionGroup | None, row: ConditionRow) -> bool:
    """Whether "or is not set" is beside the row already."""
    siblings = group.rows if group is not None and group.mode == "any" else ()
    return any(
        isinstance(sibling, ConditionRow) and sibling.fact == row.fact and sibling.operator == "is_not_set"
        for sibling in siblings
    )
