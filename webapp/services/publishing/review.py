"""The review of a draft: what it changes, what still keeps it from going live, and what was sent for approval."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from engine.authoring.checks.draft_findings import DraftFindings, Severity
from engine.vocabulary.problem import Problem
from webapp.services.drafts import draft_editing, run_test_cases
from webapp.services.drafts.check_draft import check_draft
from webapp.services.drafts.run_test_cases import TestCaseResult
from webapp.services.publishing import publication_gate, publish
from webapp.services.publishing.publication_gate import EngineAgreement
from webapp.store.people import four_eyes
from webapp.store.rules import drafts, rule_versions, submissions
from webapp.store.rules.drafts import Draft, DraftContent
from webapp.store.rules.rule_versions import StoredRule
from webapp.store.rules.submissions import Submission
from webapp.store.system.connection import Connection

GOOD, BAD, OPEN = "good", "bad", "open"
NO_CHANGE = "No changes: the live version says exactly this"


@dataclass(frozen=True, slots=True)
class ReleaseGate:
    """One condition for a draft to go live: `state` is good, bad, or open while it waits for a person.

    `is_for_sending` marks the conditions that a draft must also meet to be sent for approval.
    """

    name: str
    state: str
    text: str
    note: str = ""
    is_for_sending: bool = True


@dataclass(frozen=True, slots=True)
class Review:
    """A draft compared with what is live, as of now.

    `base` is the content that the draft began from, None for a rule that was never published. `sent` is the last
    submission. `agreement` is None if the draft has errors: then the engines were not compared.
    """

    draft: Draft
    document: dict[str, Any]
    rule: StoredRule | None
    base: DraftContent | None
    findings: DraftFindings
    problems: list[Problem]
    test_results: list[TestCaseResult]
    agreement: EngineAgreement | None
    missing_dependencies: list[str]
    sent: Submission | None
    needs_two: bool

    @property
    def live_version(self) -> int | None:
        """The version in force, or last in force; None for a rule that was never published."""
        return self.rule.live_version if self.rule else None

    @property
    def has_moved(self) -> bool:
        """Whether another version went live since the draft was begun."""
        return self.live_version != self.draft.base_version

    @property
    def is_waiting(self) -> bool:
        """Whether exactly this content waits for approval."""
        return self.sent is not None and self.sent.is_open and self.sent.hash == self.draft.hash

    @property
    def is_voided(self) -> bool:
        """Whether the draft was edited after it was sent."""
        return self.sent is not None and self.sent.is_open and self.sent.hash != self.draft.hash

    @property
    def changes_nothing(self) -> bool:
        """Whether the version in force already says exactly this, notes included."""
        return self.base is not None and self.base.hash == self.draft.hash and self.is_in_force

    @property
    def is_in_force(self) -> bool:
        """Whether the rule is live."""
        return self.rule is not None and self.rule.status in ("live", "counting")

    @property
    def gates(self) -> list[ReleaseGate]:
        """All conditions for going live, in the order of the page."""
        return [*_content_gates(self), *_people_gates(self)]

    @property
    def may_be_sent(self) -> bool:
        """Whether the draft is ready for somebody else to review."""
        return not self.changes_nothing and not self._unmet_content_gates()

    def blockers(self, by: str) -> list[str]:
        """Why this person may not publish the draft now; empty if they may."""
        no_change = [NO_CHANGE] if self.changes_nothing else []
        return [*self._unmet_content_gates(), *no_change, *self.lacking_eyes(by)]

    def lacking_eyes(self, by: str) -> list[str]:
        """Why this person's approval does not count; empty if it does."""
        if not self.needs_two:
            return []
        if not self.is_waiting or self.sent is None:
            return ["It has to be sent for approval first"]
        return ["Whoever sent it cannot approve it"] if self.sent.sent_by == by else []

    def _unmet_content_gates(self) -> list[str]:
        return [gate.text for gate in self.gates if gate.is_for_sending and gate.state != GOOD]


def review_draft(conn: Connection, draft: Draft) -> Review:
    """Review a draft as it stands now; nothing is written."""
    document, rule = draft_editing.document_of(draft), rule_versions.rule(conn, draft.key)
    findings = check_draft(conn, draft, draft_editing.catalogue_for(conn, draft.document))
    problems = [] if findings.errors else publish.validate_documents(conn, [document], publish=True)[0]
    is_valid = not findings.errors and not problems
    live = rule_versions.live_documents(conn) if is_valid else []
    return Review(
        draft=draft,
        document=document,
        rule=rule,
        base=base_content(conn, draft, rule),
        findings=findings,
        problems=problems,
        test_results=run_test_cases.run_cases(conn, draft.key, draft.content),
        agreement=publication_gate.compare_engines(conn, [document], live) if is_valid else None,
        missing_dependencies=[] if is_valid else _missing_dependencies(conn, document),
        sent=submissions.last(conn, draft.key),
        needs_two=four_eyes.is_on(conn),
    )


def base_content(conn: Connection, draft: Draft, rule: StoredRule | None) -> DraftContent | None:
    """The content that a draft began from; None for a rule that was never published."""
    if rule is None or draft.base_version is None:
        return None
    return draft_editing.content_of_version(conn, rule, draft.base_version)


def _missing_dependencies(conn: Connection, document: dict[str, Any]) -> list[str]:
    """The keys of rules that a document names and that exist only as drafts: they have to go live first."""
    live = {live_document["key"] for live_document in rule_versions.live_documents(conn)}
    in_editing = {draft.key for draft in drafts.all_drafts(conn)}
    unpublished = {rule.key for rule in rule_versions.all_rules(conn, status="draft")}
    return sorted(_names_in(document) & ((in_editing | unpublished) - live - {document["key"]}))


def _names_in(value: Any) -> set[str]:
    """Every name in the texts of a document: each text as a whole, and the parts of a fact's path."""
    if isinstance(value, str):
        return {value, *value.split(".")}
    if isinstance(value, dict):
        return set().union(*map(_names_in, value.values()))
    return set().union(*map(_names_in, value)) if isinstance(value, list) else set()


def _content_gates(review: Review) -> Iterator[ReleaseGate]:
    errors = [error.text for error in review.findings.errors] or [problem.message for problem in review.problems]
    if errors:
        for key in review.missing_dependencies:
            yield ReleaseGate("wanting", BAD, f"{key} has to go live first", key)
        yield ReleaseGate("errors", BAD, _counted(len(errors), "error"), errors[0])
    else:
        warnings = sum(1 for finding in review.findings.all if finding.severity is Severity.WARNING)
        yield ReleaseGate("errors", GOOD, "No errors", _counted(warnings, "warning") if warnings else "")
    yield _test_cases_gate(review.test_results)
    if review.agreement is not None:
        yield _engines_gate(review.agreement)


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _test_cases_gate(results: list[TestCaseResult]) -> ReleaseGate:
    if not results:
        return ReleaseGate("cases", OPEN, "No test cases", "add some", is_for_sending=False)
    total, passing = _counted(len(results), "test case"), sum(result.passes for result in results)
    failing = len(results) - passing
    if failing:
        return ReleaseGate("cases", BAD, f"{failing} of {total} {'fails' if failing == 1 else 'fail'}")
    return ReleaseGate("cases", GOOD, f"{passing} of {total} {'passes' if passing == 1 else 'pass'}")


def _engines_gate(agreement: EngineAgreement) -> ReleaseGate:
    if agreement.problems:
        return ReleaseGate("engines", BAD, "The engines disagree", agreement.problems[0].message)
    compared = agreement.evaluations
    note = f"{compared:,} of {compared:,}" if compared else "nothing to compare"
    return ReleaseGate("engines", GOOD, "Both engines agree", note)


def _people_gates(review: Review) -> Iterator[ReleaseGate]:
    if review.rule is not None and review.live_version is not None:
        yield _base_gate(review, review.live_version)
    if review.needs_two:
        yield ReleaseGate("eyes", OPEN, "Approved by somebody else", "open", is_for_sending=False)


def _base_gate(review: Review, live_version: int) -> ReleaseGate:
    """Whether the draft still changes what is live."""
    if not review.has_moved:
        return ReleaseGate("moved", GOOD, f"v{live_version} is still the live version")
    base_version = review.draft.base_version
    since = f"over v{base_version}" if base_version else "since the draft was begun"
    return ReleaseGate("moved", BAD, f"v{live_version} went live {since}")
