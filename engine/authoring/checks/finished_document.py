"""A draft as the rule document it will become, and every mistake in it at its row or its field."""

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.authoring.checks.field_errors import field_error
from engine.authoring.checks.finding import Finding, Severity
from engine.authoring.checks.stand_ins import completed
from engine.authoring.forms.forms import tree_pointer
from engine.authoring.jsonlogic.lower import LoweredTree, lower, owning_node
from engine.authoring.tree.conditions import DraftCondition, as_logic, draft_conditions
from engine.authoring.tree.nodes import Tree, numbers
from engine.documents.condition_places import trigger_events
from engine.documents.fields import with_member
from engine.kinds import KINDS
from engine.language.check import Scope, check
from engine.rules.document_problems import consistency_problems, key_problems, neighbours_among, reference_problems
from engine.vocabulary.fact import Catalogue
from engine.vocabulary.problem import CyclicRequirement, Problem

Raw = Mapping[str, Any]


def finished_document(document: Raw, tree: Tree) -> dict[str, Any]:
    """The whole rule document of a draft: its fields, and its trees as JsonLogic. Incomplete rows are left out."""
    return _with_condition(document, lower(tree).logic)


def _with_condition(document: Raw, logic: Any) -> dict[str, Any]:
    """The whole rule document with this condition of its own."""
    at = tree_pointer(str(document.get("kind")))
    if at is None:
        return as_logic(document)
    without_condition: dict[str, Any] = with_member(as_logic(document), at, None)
    if logic is None and KINDS[document["kind"]].needs_condition:
        return without_condition
    return {**without_condition, at.removeprefix("/"): logic}


def draft_errors(
    document: Raw, tree: Tree, catalogue: Catalogue, others: Sequence[Raw], zones: Container[str] | None = None
) -> list[Finding]:
    """The errors of a draft beside the live documents `others`; without any, `parse_documents` admits it."""
    conditions = [
        _LoweredCondition(condition, lower(condition.tree, condition.at))
        for condition in draft_conditions(document, tree, catalogue)
    ]
    own_logic = next((condition.lowered.logic for condition in conditions if not condition.draft.called), None)
    raw = _with_condition(document, own_logic)
    locator = _ErrorLocator(raw, conditions)
    errors = [
        condition.at_node(problem.path, "incomplete", problem.message)
        for condition in conditions
        for problem in condition.lowered.problems
    ]
    # That a condition is missing because its rows are incomplete is no second mistake.
    incomplete = [condition.draft.at for condition in conditions if condition.lowered.problems]
    shape_problems = [problem for problem in KINDS[raw["kind"]].shape(raw, "") if problem.path not in incomplete]
    errors += map(locator.locate, shape_problems)
    for condition in conditions:
        errors += map(locator.locate, _logic_problems(raw, condition))
    if whole := completed(raw, shape_problems, others, catalogue):
        checked = [condition.draft.at for condition in conditions]
        beyond_shape = _problems_beyond_shape(whole.raw, catalogue, others, zones, checked)
        errors += [locator.locate(problem) for problem in beyond_shape if not whole.is_about_stand_in(problem)]
    return list(dict.fromkeys(errors))


def _logic_problems(raw: Raw, condition: "_LoweredCondition") -> list[Problem]:
    if condition.lowered.logic is None:
        return []
    catalogue, at = condition.draft.catalogue, condition.draft.at
    scope = Scope.METRIC_FILTER if at == "/filter" else Scope.CONDITION
    is_of_rule = not condition.draft.called
    if is_of_rule and isinstance(raw.get("trigger"), Mapping | None):
        catalogue = catalogue.for_events(trigger_events(raw))
    return check(condition.lowered.logic, catalogue, allowed=scope, at=at)


def _problems_beyond_shape(
    raw: Raw, catalogue: Catalogue, others: Sequence[Raw], zones: Container[str] | None, checked: Sequence[str]
) -> Iterator[Problem]:
    """What only a document of sound shape can be asked: consistency, references, and its place among the others."""
    kind = KINDS[raw["kind"]]
    all_documents = [*(other for other in others if other.get("key") != raw["key"]), raw]
    yield from key_problems(raw, "", others)
    yield from consistency_problems(raw, "", zones)
    for place in kind.places(raw, ""):
        if place.at not in checked:
            yield from check(place.logic, catalogue.for_events(place.events), allowed=place.scope, at=place.at)
    yield from reference_problems(raw, "", neighbours_among(all_documents, catalogue))
    same_kind = [document for document in all_documents if document.get("kind") == raw["kind"]]
    if kind.is_single and len(same_kind) > 1:
        yield Problem("", f"“{same_kind[0].get('name')}” is live, and there can be no second rule of its kind")
    yield from kind.joint_problems(all_documents)(raw, "")


@dataclass(frozen=True, slots=True)
class _LoweredCondition:
    """One condition of the draft, and what it says as JsonLogic."""

    draft: DraftCondition
    lowered: LoweredTree

    def owning_node(self, path: str) -> str | None:
        """The node that a pointer into the document belongs to; None if it points elsewhere."""
        is_inside = path == self.draft.at or path.startswith(f"{self.draft.at}/")
        return owning_node(self.lowered, path) if is_inside and self.lowered.logic is not None else None

    def at_node(self, node: str, code: str, message: str) -> Finding:
        """A mistake at a node."""
        number = numbers(self.draft.tree).get(node, "")
        text = f"{number}: {message}" if number else message[:1].upper() + message[1:]
        return Finding(Severity.ERROR, code, self.draft.prefixed(text), node)


@dataclass(frozen=True, slots=True)
class _ErrorLocator:
    """Turns problems of the document into findings at the row or field where the author can fix them."""

    raw: Raw
    conditions: Sequence[_LoweredCondition]

    def locate(self, problem: Problem) -> Finding:
        """The finding for a problem at a pointer into the document."""
        for condition in self.conditions:
            node = condition.owning_node(problem.path)
            if node:
                code = "cycle" if isinstance(problem, CyclicRequirement) else "condition"
                return condition.at_node(node, code, problem.message)
        return field_error(problem, self.raw)
