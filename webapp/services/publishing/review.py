"""The review of a draft: what it changes, what it still takes to go live, and what was sent for approval."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from engine.authoring.checks.findings import DraftFindings, Severity, findings
from engine.vocabulary.fact import Catalogue
from engine.vocabulary.problem import Problem
from webapp.runtime.zones import ZONES
from webapp.services.drafts import draft_editing, run_test_cases
from webapp.services.drafts.run_test_cases import TestCaseResult
from webapp.services.publishing import publication_gate, publish
from webapp.services.publishing.missing_dependencies import missing_dependencies
from webapp.services.publishing.publication_gate import EngineAgreement
from webapp.store.events import seen_properties
from webapp.store.people import four_eyes
from webapp.store.rules import rule_versions, submissions
from webapp.store.rules.drafts import Draft, DraftContent
from webapp.store.rules.rule_versions import StoredRule
from webapp.store.rules.submissions import Submission
from webapp.store.system.connection import Connection

GOOD, BAD, OPEN = "good", "bad", "open"


@dataclass(frozen=True, slots=True)
class ReleaseGate:
    """One thing that has to hold before a draft goes live: `state` is good, bad, or open while a person is waited for.

    `is_for_sending` marks those that must hold for a draft that is sent for approval as well.
    """

    name: str
    state: str
    text: str
    note: str = ""
    is_for_sending: bool = True


@dataclass(frozen=True, slots=True)
class Review:
    """A draft beside what is live, as of now.

    `base` is what the draft began from, None for a rule that was never published. `sent` is what was sent last.
    """

    draft: Draft
    document: dict[str, Any]
    rule: StoredRule | None
    base: DraftContent | None
    found: DraftFindings
    problems: list[Problem]
    ran: list[TestCaseResult]
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
        """Whether what was sent has been edited since."""
        return self.sent is not None and self.sent.is_open and self.sent.hash != self.draft.hash

    @property
    def changes_nothing(self) -> bool:
        """Whether what is in force says exactly this already, notes included."""
        return self.base is not None and self.base.hash == self.draft.hash and self.is_in_force

    @property
    def is_in_force(self) -> bool:
        """Whether the rule is live."""
        return self.rule is not None and self.rule.status in ("live", "counting")

    @property
    def gates(self) -> list[ReleaseGate]:
        """Everything that has to hold, in the order of the page."""
        return [*_of_content(self), *_of_people(self)]

    @property
    def may_be_sent(self) -> bool:
        """Whether it is fit for somebody else's eyes."""
        return not self.changes_nothing and all(each.state == GOOD for each in self.gates if each.is_for_sending)

    def blockers(self, by: str) -> list[str]:
        """Why this person may not let it go live now; empty where they may."""
        bad = [each.text for each in self.gates if each.is_for_sending and each.state != GOOD]
        nothing = ["Nothing differs from what is live"] if self.changes_nothing else []
        return [*bad, *nothing, *self.lacking_eyes(by)]

    def lacking_eyes(self, by: str) -> list[str]:
        """Why this person's approval would not do; empty where it does."""
        if not self.needs_two:
            return []
        if not self.is_waiting or self.sent is None:
            return ["It has to be sent for approval first"]
        return ["Whoever sent it cannot approve it"] if self.sent.sent_by == by else []


def review_draft(conn: Connection, draft: Draft) -> Review:
    """Look at a draft as it stands now; nothing is written."""
    document, rule = draft_editing.document_of(draft), rule_versions.rule(conn, draft.key)
    found = check_draft(conn, draft, seen_properties.catalogue(conn))
    problems = [] if found.errors else publish.validate_documents(conn, [document], publish=True)[0]
    is_fit = not found.errors and not problems
    return Review(
        draft,
        document,
        rule,
        base_content(conn, draft, rule),
        found,
        problems,
        run_test_cases.run_cases(conn, draft.key, draft.content),
        publication_gate.compare_engines(conn, [document], rule_versions.live_documents(conn)) if is_fit else None,
        [] if is_fit else missing_dependencies(conn, document),
        submissions.last(conn, draft.key),
        four_eyes.is_on(conn),
    )


def base_content(conn: Connection, draft: Draft, rule: StoredRule | None) -> DraftContent | None:
    """What the draft was begun from; None for a rule that was never published."""
    if rule is None or draft.base_version is None:
        return None
    return draft_editing.content_of_version(conn, rule, draft.base_version)


def check_draft(conn: Connection, draft: Draft, catalogue: Catalogue) -> DraftFindings:
    """What the checks find in a draft beside the live rules."""
    return findings(draft.document, draft.tree, catalogue, rule_versions.live_documents(conn), zones=ZONES)


def _of_content(review: Review) -> Iterator[ReleaseGate]:
    errors = [each.text for each in review.found.errors] or [each.message for each in review.problems]
    warnings = sum(1 for each in review.found.found if each.severity is Severity.WARNING)
    noted = f"{warnings} warning{'s' if warnings > 1 else ''}" if warnings else ""
    for key in review.missing_dependencies if errors else ():
        yield ReleaseGate("wanting", BAD, f"{key} has to go live first", key)
    if errors:
        yield ReleaseGate("errors", BAD, f"{len(errors)} error{'s' if len(errors) > 1 else ''}", errors[0])
    else:
        yield ReleaseGate("errors", GOOD, "No errors", noted)
    yield _cases_gate(review.ran)
    if review.agreement is not None:
        yield _agreement_gate(review.agreement)


def _cases_gate(ran: list[TestCaseResult]) -> ReleaseGate:
    passing = sum(each.passes for each in ran)
    if not ran:
        return ReleaseGate("cases", OPEN, "No test cases", "save some", is_for_sending=False)
    them, is_good = f"{len(ran)} test case{'s' if len(ran) > 1 else ''}", passing == len(ran)
    many, verb = (passing, "pass") if is_good else (len(ran) - passing, "fail")
    return ReleaseGate("cases", GOOD if is_good else BAD, f"{many} of {them} {verb}{_ending(many, verb)}")


def _ending(many: int, verb: str) -> str:
    return "" if many != 1 else "es" if verb == "pass" else "s"


def _agreement_gate(told: EngineAgreement) -> ReleaseGate:
    if told.problems:
        return ReleaseGate("engines", BAD, "The engines disagree", told.problems[0].message)
    return ReleaseGate(
        "engines", GOOD, "Both engines agree", f"{told.asked:,} of {told.asked:,}" if told.asked else "not asked"
    )


def _of_people(review: Review) -> Iterator[ReleaseGate]:
    if review.rule is not None and review.live_version is not None:
        begun = review.draft.base_version
        moved = f"v{review.live_version} went live " + (f"over v{begun}" if begun else "since the draft was begun")
        still = f"v{review.live_version} has not moved"
        yield ReleaseGate("moved", BAD if review.has_moved else GOOD, moved if review.has_moved else still)
    if review.needs_two:
        yield ReleaseGate("eyes", OPEN, "Approved by somebody else", "open", is_for_sending=False)
