"""Runs the test cases of a rule: each gives an event and facts, and says whether the rule is expected to match.

The input is `{"event": type, "facts": {path: value}}`: it is self-contained, so that a case means the same tomorrow.
The verdict is that of the compiled condition, the same that workers evaluate.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from engine.authoring.forms.forms import tree_pointer
from engine.authoring.jsonlogic.lower import lower, takes_part
from engine.authoring.trace import NodeState, trace_tree
from engine.authoring.tree.nodes import Tree, numbers
from engine.documents.condition_places import trigger_events
from engine.language.compile import CompiledLogic, compile_logic
from engine.language.facts import MissingFact
from engine.vocabulary.fact import Catalogue
from webapp.services.drafts.edit_steps import whole_document
from webapp.store.events import seen_properties
from webapp.store.rules import test_cases
from webapp.store.rules.drafts import Draft, DraftContent
from webapp.store.rules.test_cases import TestCase
from webapp.store.system.connection import Connection

CaseInput = Mapping[str, Any]
REASONS_MAX = 3


@dataclass(frozen=True, slots=True)
class TestCaseResult:
    """A test case and the rule's verdict: None if the conditions cannot be evaluated yet."""

    __test__ = False  # its name begins like a test's

    case: TestCase
    verdict: bool | None
    why: str

    @property
    def passes(self) -> bool:
        """Whether the verdict is the expected one."""
        return self.verdict is self.case.expected


def run_cases(conn: Connection, key: str, content: DraftContent) -> list[TestCaseResult]:
    """Run all test cases of a rule against what `content` says."""
    cases = test_cases.cases_of(conn, key)
    if not cases:
        return []
    catalogue = seen_properties.catalogue(conn)
    condition = CompiledCondition.of(whole_document(content.document, content.tree))
    if lower(content.tree).problems:
        condition = replace(condition, trouble="the conditions are not finished")
    return [TestCaseResult(case, *_judge(condition, content.tree, case.given, catalogue)) for case in cases]


def run_and_store_verdicts(conn: Connection, draft: Draft) -> list[TestCaseResult]:
    """Run the test cases of a draft and store the verdicts; called after each change of the draft."""
    results = run_cases(conn, draft.key, draft.content)
    if results:
        verdicts = [(result.case.id, result.verdict, result.why) for result in results]
        test_cases.store_verdicts(conn, verdicts, draft.hash)
    return results


def failing_case_names(conn: Connection, document: Mapping[str, Any]) -> list[str]:
    """The names of the test cases that a whole document fails."""
    condition = CompiledCondition.of(document)
    return [
        case.name
        for case in test_cases.cases_of(conn, document["key"])
        if condition.verdict(case.given)[0] is not case.expected
    ]


@dataclass(frozen=True, slots=True)
class CompiledCondition:
    """The events that trigger a rule, and its condition, compiled once for all test cases.

    `trouble` says why the condition cannot be evaluated yet; empty if it can.
    """

    events: tuple[str, ...]
    condition: CompiledLogic | None
    trouble: str = ""

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "CompiledCondition":
        """Compile the condition of a whole document."""
        condition, events = condition_of(document), trigger_events(document)
        try:
            return cls(events, None if condition is None else compile_logic(condition))
        except ValueError as error:
            return cls(events, None, str(error))

    def verdict(self, case_input: CaseInput) -> tuple[bool | None, str]:
        """Whether the rule matches; and why not, if the reason lies outside its condition."""
        event = case_input.get("event")
        if self.trouble:
            return None, self.trouble
        if event and "*" not in self.events and event not in self.events:
            return False, f"the rule is not triggered by {event}"
        try:
            return self.condition is None or self.condition.holds(dict(case_input.get("facts") or {})), ""
        except MissingFact as missing:
            return False, str(missing)


def condition_of(document: Mapping[str, Any]) -> Any:
    """The condition of a whole rule document; None if it has none."""
    at = tree_pointer(str(document["kind"]))
    return None if at is None else document.get(at.removeprefix("/"))


def _judge(
    condition: CompiledCondition, tree: Tree, case_input: CaseInput, catalogue: Catalogue
) -> tuple[bool | None, str]:
    """The rule's verdict on an input, and why, in the words of its rows."""
    verdict, why = condition.verdict(case_input)
    if why or not takes_part(tree):
        return verdict, why or "the rule has no conditions"
    return verdict, _reasons(tree, case_input, catalogue, verdict=bool(verdict))


def _reasons(tree: Tree, case_input: CaseInput, catalogue: Catalogue, *, verdict: bool) -> str:
    """The rows that fail or lack their fact; for a match, that all conditions are met."""
    if verdict:
        return "all conditions are met"
    row_marks, row_numbers = trace_tree(tree, dict(case_input.get("facts") or {}), catalogue).of, numbers(tree)
    reasons = [
        f"{row_numbers[row.id]}: {row_marks[row.id].why or row_marks[row.id].text}"
        for row in tree.rows
        if _fails(row_marks[row.id].state)
    ]
    return "; ".join(reasons[:REASONS_MAX]) or "the conditions are not met"


def _fails(state: NodeState) -> bool:
    return state in (NodeState.FAIL, NodeState.UNKNOWN)


def test_case_input(
    document: Mapping[str, Any], event: str, facts: Mapping[str, Any], paths: Sequence[str]
) -> dict[str, Any]:
    """The input of a test case made from real facts: those that the rule reads, and of other `paths` the numbers.

    Texts that the rule does not read are left out, since they may be personal.
    """
    condition = condition_of(document)
    read_paths = compile_logic(condition).paths if condition is not None else frozenset()
    candidates = {path: facts.get(path) for path in dict.fromkeys([*sorted(read_paths), *paths])}
    stored_facts = {
        path: value
        for path, value in candidates.items()
        if value is not None and (path in read_paths or isinstance(value, (int, float)))
    }
    return {"event": event, "facts": stored_facts}
