"""Test cases of a rule: each gives an event and facts, and says whether the rule shall match.

What is given is `{"event": type, "facts": {path: value}}`: it stands by itself, so that a case says the same tomorrow.
The verdict is that of the compiled condition, as workers ask it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.authoring.forms.forms import tree_at
from engine.authoring.jsonlogic.lower import takes_part
from engine.authoring.trace import NodeState, trace_tree
from engine.authoring.tree.nodes import Tree, numbers
from engine.documents.condition_places import trigger_events
from engine.language.compile import CompiledLogic, compile_logic
from engine.language.missing_facts import MissingFact
from engine.vocabulary.fact import Catalogue
from webapp.services.drafts.edit_steps import whole_document
from webapp.store.events import seen_properties
from webapp.store.rules import test_cases
from webapp.store.rules.drafts import Draft, DraftContent
from webapp.store.rules.test_cases import TestCase
from webapp.store.system.connection import Connection

CaseInput = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class TestCaseResult:
    """A test case and what the rule says to it: `verdict` is None where the conditions cannot be asked yet."""

    case: TestCase
    verdict: bool | None
    why: str

    @property
    def passes(self) -> bool:
        """Whether the rule says what it shall."""
        return self.verdict is self.case.expected


def run_cases(conn: Connection, key: str, content: DraftContent) -> list[TestCaseResult]:
    """Ask the rule, as it stands in `content`, about all its test cases."""
    found = test_cases.cases_of(conn, key)
    if not found:
        return []
    catalogue, rule = (
        seen_properties.catalogue(conn),
        CompiledCondition.of(whole_document(content.document, content.tree)),
    )
    return [TestCaseResult(case, *_judge(rule, content.tree, case.given, catalogue)) for case in found]


def run_and_store_verdicts(conn: Connection, draft: Draft) -> list[TestCaseResult]:
    """Ask the draft about its test cases and keep what it says; called after each change of it."""
    ran = run_cases(conn, draft.key, draft.content)
    if ran:
        test_cases.keep_verdicts(conn, [(each.case.id, each.verdict, each.why) for each in ran], draft.hash)
    return ran


def failing_case_names(conn: Connection, document: Mapping[str, Any]) -> list[str]:
    """The names of the test cases that a whole document fails."""
    rule = CompiledCondition.of(document)
    return [
        case.name
        for case in test_cases.cases_of(conn, document["key"])
        if rule.verdict(case.given)[0] is not case.expected
    ]


@dataclass(frozen=True, slots=True)
class CompiledCondition:
    """A rule as it is asked: the events it listens to, and its condition, compiled once for all test cases."""

    events: tuple[str, ...]
    condition: CompiledLogic | None
    trouble: str = ""

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "CompiledCondition":
        """The rule of a whole document; `trouble` says why its condition cannot be asked yet."""
        condition, events = condition_of(document), trigger_events(document)
        try:
            return cls(events, None if condition is None else compile_logic(condition))
        except ValueError as wrong:
            return cls(events, None, str(wrong))

    def verdict(self, given: CaseInput) -> tuple[bool | None, str]:
        """Whether the rule matches; and why not, where that is not for its condition to say."""
        event = given.get("event")
        if self.trouble:
            return None, self.trouble
        if event and "*" not in self.events and event not in self.events:
            return False, f"the rule does not listen to {event}"
        try:
            return self.condition is None or self.condition.holds(dict(given.get("facts") or {})), ""
        except MissingFact as missing:
            return False, str(missing)


def condition_of(document: Mapping[str, Any]) -> Any:
    """The condition of a whole rule document; None where it has none."""
    at = tree_at(str(document["kind"]))
    return None if at is None else document.get(at.removeprefix("/"))


def _judge(rule: CompiledCondition, tree: Tree, given: CaseInput, catalogue: Catalogue) -> tuple[bool | None, str]:
    """What the rule says to what is given, and why, in the words of its rows."""
    verdict, why = rule.verdict(given)
    if why or not takes_part(tree):
        return verdict, why or "nothing is asked"
    return verdict, _reasons(tree, given, catalogue, verdict=bool(verdict))


def _reasons(tree: Tree, given: CaseInput, catalogue: Catalogue, *, verdict: bool) -> str:
    """The rows that decide: those that fail or are not known, or for a match that all is as asked."""
    if verdict:
        return "everything is as asked"
    of, number = trace_tree(tree, dict(given.get("facts") or {}), catalogue).of, numbers(tree)
    told = [f"{number[row.id]}: {of[row.id].why or of[row.id].text}" for row in tree.rows if _fails(of[row.id].state)]
    return "; ".join(told[:3]) or "the conditions do not hold"


def _fails(state: NodeState) -> bool:
    return state in (NodeState.FAIL, NodeState.UNKNOWN)


def test_case_input(
    document: Mapping[str, Any], event: str, known: Mapping[str, Any], paths: Sequence[str]
) -> dict[str, Any]:
    """A test case of facts that were found: what the rule reads, and of other `paths` what is no text.

    Texts that the rule does not read are left out, since they may be personal.
    """
    condition = condition_of(document)
    read = compile_logic(condition).paths if condition is not None else frozenset()
    found = {path: known.get(path) for path in dict.fromkeys([*sorted(read), *paths])}
    kept = {path: value for path, value in found.items() if path in read or isinstance(value, (int, float))}
    return {"event": event, "facts": {path: value for path, value in kept.items() if value is not None}}
