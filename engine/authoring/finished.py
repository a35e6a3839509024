"""A draft as the rule document that it stands for, and every mistake in it at its row or its field."""

from collections.abc import Container, Iterator, Mapping, Sequence
from typing import Any

from engine.authoring.fields import field_at, put
from engine.authoring.finding import Finding, Severity
from engine.authoring.forms import FORMS, tree_at
from engine.authoring.lower import Lowered, lower, owner
from engine.authoring.tree import Tree, numbers
from engine.documents.cycles import circle, needs_of
from engine.documents.kinds import KINDS, SINGLE
from engine.documents.places import places, trigger_events
from engine.documents.references import kinds_of, references
from engine.documents.sense import sense
from engine.logic.check import Scope, check
from engine.vocabulary.fact import Catalogue
from engine.vocabulary.problem import Problem

Raw = Mapping[str, Any]


def document_of(document: Raw, tree: Tree) -> dict[str, Any]:
    """The whole rule document of a draft: its fields, and the tree as JsonLogic. Rows not filled in are left out."""
    at = tree_at(str(document.get("kind")))
    if at is None:
        return dict(document)
    logic = lower(tree).logic
    whole: dict[str, Any] = put(document, at, None)
    is_left_out = logic is None and document["kind"] == "segment"  # a segment of everybody is a slip
    return whole if is_left_out else {**whole, at.removeprefix("/"): logic}


def mistakes(
    document: Raw, tree: Tree, catalogue: Catalogue, others: Sequence[Raw], zones: Container[str] | None = None
) -> list[Finding]:
    """The errors of a draft beside the live documents `others`; with none it is admitted by `parse_documents`."""
    at = tree_at(str(document.get("kind"))) or "/condition"
    lowered = lower(tree, at)
    raw = document_of(document, tree)
    telling = _Telling(raw, tree, lowered, at)
    found = [telling.of_node(each) for each in lowered.problems]
    shape = [each for each in KINDS[raw["kind"]](raw, "") if each.path != at or not lowered.problems]
    found += [telling.of_place(each) for each in [*shape, *_logic(raw, lowered, catalogue, at)]]
    if not shape:
        found += [telling.of_place(each) for each in _beyond_shape(raw, catalogue, others, zones, at)]
    return list(dict.fromkeys(found))


def _logic(raw: Raw, lowered: Lowered, catalogue: Catalogue, at: str) -> list[Problem]:
    if lowered.logic is None:
        return []
    scope = Scope.METRIC_FILTER if at == "/filter" else Scope.CONDITION
    events = trigger_events(raw) if isinstance(raw.get("trigger"), Mapping | None) else ("*",)
    return check(lowered.logic, catalogue.for_events(events), allowed=scope, at=at)


def _beyond_shape(
    raw: Raw, catalogue: Catalogue, others: Sequence[Raw], zones: Container[str] | None, at: str
) -> Iterator[Problem]:
    together = [*(each for each in others if each.get("key") != raw["key"]), raw]
    namesake = next((each for each in others if each.get("key") == raw["key"]), raw)
    if namesake.get("kind") != raw["kind"]:
        yield Problem("/key", f"{raw['key']!r} is already the key of a {namesake.get('kind')}")
    yield from sense(raw, "", zones)
    for place in places(raw, ""):
        if place.at != at:
            yield from check(place.logic, catalogue.for_events(place.events), allowed=place.scope, at=place.at)
    yield from references(raw, "", kinds_of(together), catalogue)
    same = [str(each["key"]) for each in together if each.get("kind") == raw["kind"]]
    if raw["kind"] in SINGLE and len(same) > 1:
        yield Problem("", f"there may be only one rule of this kind; also here: {', '.join(same[:-1])}")
    if raw["kind"] == "badge" and (why := circle(raw["key"], needs_of(together))):
        yield Problem(at, why)


class _Telling:
    """Says where a problem stands, as a finding."""

    def __init__(self, raw: Raw, tree: Tree, lowered: Lowered, at: str) -> None:
        self.raw, self.lowered, self.at, self.numbers = raw, lowered, at, numbers(tree)

    def of_node(self, problem: Problem) -> Finding:
        """A row that is not filled in."""
        return self._at_node(problem.path, "incomplete", problem.message)

    def of_place(self, problem: Problem) -> Finding:
        """A problem at a pointer into the document."""
        is_condition = problem.path == self.at or problem.path.startswith(f"{self.at}/")
        node = owner(self.lowered, problem.path) if is_condition and self.lowered.logic is not None else None
        if node is not None:
            code = "cycle" if "circle" in problem.message else "condition"
            return self._at_node(node, code, problem.message)
        found = field_at(FORMS[self.raw["kind"]], problem.path)
        label = f"{found[0].label}: " if found else ""
        return Finding(Severity.ERROR, "field", f"{label}{problem.message}", field=problem.path or None)

    def _at_node(self, node: str, code: str, message: str) -> Finding:
        number = self.numbers.get(node, "")
        text = f"{number}: {message}" if number else message[:1].upper() + message[1:]
        return Finding(Severity.ERROR, code, text, node)
