"""A draft as the rule document that it stands for, and every mistake in it at its row or its field."""

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.authoring.checks.finding import Finding, Severity
from engine.authoring.forms.forms import tree_at
from engine.authoring.jsonlogic.lower import LoweredTree, lower, owning_node
from engine.authoring.tree.conditions import DraftCondition, as_logic, draft_conditions
from engine.authoring.tree.nodes import Tree, numbers
from engine.documents.condition_places import trigger_events
from engine.documents.fields import field_at, put
from engine.kinds import KINDS
from engine.language.check import Scope, check
from engine.rules.consistency import consistency_problems
from engine.rules.references import neighbours_among, reference_problems
from engine.vocabulary.fact import Catalogue
from engine.vocabulary.problem import Problem

Raw = Mapping[str, Any]


def finished_document(document: Raw, tree: Tree) -> dict[str, Any]:
    """The whole rule document of a draft: its fields, and its trees as JsonLogic. Rows not filled in are left out."""
    at = tree_at(str(document.get("kind")))
    if at is None:
        return as_logic(document)
    logic = lower(tree).logic
    whole: dict[str, Any] = put(as_logic(document), at, None)
    is_left_out = logic is None and KINDS[document["kind"]].needs_condition
    return whole if is_left_out else {**whole, at.removeprefix("/"): logic}


def draft_errors(
    document: Raw, tree: Tree, catalogue: Catalogue, others: Sequence[Raw], zones: Container[str] | None = None
) -> list[Finding]:
    """The errors of a draft beside the live documents `others`; with none it is admitted by `parse_documents`."""
    raw = finished_document(document, tree)
    told = [_Told(part, lower(part.tree, part.at)) for part in draft_conditions(document, tree, catalogue)]
    telling = _Telling(raw, told)
    found = [each.of_node(problem) for each in told for problem in each.lowered.problems]
    unfinished = [each.part.at for each in told if each.lowered.problems]
    shape = [each for each in KINDS[raw["kind"]].shape(raw, "") if each.path not in unfinished]
    found += [telling.of_place(each) for each in shape]
    found += [telling.of_place(problem) for each in told for problem in _logic(raw, each)]
    if not shape:
        known = [each.part.at for each in told]
        found += [telling.of_place(each) for each in _beyond_shape(raw, catalogue, others, zones, known)]
    return list(dict.fromkeys(found))


def _logic(raw: Raw, told: "_Told") -> list[Problem]:
    if told.lowered.logic is None:
        return []
    known, at = told.part.catalogue, told.part.at
    scope = Scope.METRIC_FILTER if at == "/filter" else Scope.CONDITION
    is_own = not told.part.called and isinstance(raw.get("trigger"), Mapping | None)
    return check(told.lowered.logic, known.for_events(trigger_events(raw)) if is_own else known, allowed=scope, at=at)


def _beyond_shape(
    raw: Raw, catalogue: Catalogue, others: Sequence[Raw], zones: Container[str] | None, known: Sequence[str]
) -> Iterator[Problem]:
    kind = KINDS[raw["kind"]]
    together = [*(each for each in others if each.get("key") != raw["key"]), raw]
    namesake = next((each for each in others if each.get("key") == raw["key"]), raw)
    if namesake.get("kind") != raw["kind"]:
        yield Problem("/key", f"{raw['key']!r} is already the key of a {namesake.get('kind')}")
    yield from consistency_problems(raw, "", zones)
    for place in kind.places(raw, ""):
        if place.at not in known:
            yield from check(place.logic, catalogue.for_events(place.events), allowed=place.scope, at=place.at)
    yield from reference_problems(raw, "", neighbours_among(together, catalogue))
    same = [str(each["key"]) for each in together if each.get("kind") == raw["kind"]]
    if kind.is_single and len(same) > 1:
        yield Problem("", f"there may be only one rule of this kind; also here: {', '.join(same[:-1])}")
    yield from kind.joint_problems(together)(raw, "")


@dataclass(frozen=True, slots=True)
class _Told:
    """One condition of the draft, and what it says as JsonLogic."""

    part: DraftCondition
    lowered: LoweredTree

    def of_node(self, problem: Problem) -> Finding:
        """A row that is not filled in."""
        return self.at_node(problem.path, "incomplete", problem.message)

    def owning_node(self, path: str) -> str | None:
        """The node that a pointer into the document belongs to; None where that is no pointer into this condition."""
        is_mine = path == self.part.at or path.startswith(f"{self.part.at}/")
        return owning_node(self.lowered, path) if is_mine and self.lowered.logic is not None else None

    def at_node(self, node: str, code: str, message: str) -> Finding:
        """A mistake at a node."""
        number = numbers(self.part.tree).get(node, "")
        text = f"{number}: {message}" if number else message[:1].upper() + message[1:]
        return Finding(Severity.ERROR, code, self.part.told(text), node)


@dataclass(frozen=True, slots=True)
class _Telling:
    """Says where a problem stands, as a finding."""

    raw: Raw
    told: Sequence[_Told]

    def of_place(self, problem: Problem) -> Finding:
        """A problem at a pointer into the document."""
        for each in self.told:
            if node := each.owning_node(problem.path):
                return each.at_node(node, "cycle" if "circle" in problem.message else "condition", problem.message)
        found = field_at(KINDS[self.raw["kind"]].form, problem.path)
        label = f"{found[0].label}: " if found else ""
        return Finding(Severity.ERROR, "field", f"{label}{problem.message}", field=problem.path or None)
