"""Saving, deleting and importing test cases: each function is one change, audited, run and committed here."""

from dataclasses import dataclass
from typing import Any

from engine.authoring.tree.edit_result import EditRefused
from webapp.services.drafts import run_test_cases, test_case_files
from webapp.services.drafts.test_case_files import CASES_MAX
from webapp.store.people import audit
from webapp.store.rules import test_cases
from webapp.store.rules.drafts import Draft
from webapp.store.rules.test_cases import TestCase
from webapp.store.system.connection import Connection


@dataclass(frozen=True, slots=True)
class NewTestCase:
    """What a test case is to say, as `run_test_cases` describes its input."""

    name: str
    given: dict[str, Any]
    expected: bool


def save_test_case(conn: Connection, draft: Draft, case: NewTestCase, by: str, stored: TestCase | None = None) -> None:
    """Store a test case, in the place of `stored` if there is one, and run all test cases of the draft.

    Raises `EditRefused` if its name is taken, or the rule has too many test cases.
    """
    others = [other for other in test_cases.cases_of(conn, draft.key) if stored is None or other.id != stored.id]
    if any(other.name == case.name for other in others):
        raise EditRefused("Another test case has this name")
    if len(others) >= CASES_MAX:
        raise EditRefused(f"A rule has at most {CASES_MAX} test cases")
    before = None if stored is None else {"given": stored.given, "expected": stored.expected}
    if stored is None:
        test_cases.add(conn, draft.key, case.name, case.given, expected=case.expected, by=by)
    else:
        test_cases.change(conn, stored, case.name, case.given, expected=case.expected)
    after = {"name": case.name, "given": case.given, "expected": case.expected}
    audit.note(conn, by, "test_case.kept", draft.key, before=before, after=after)
    run_test_cases.run_and_store_verdicts(conn, draft)
    conn.commit()


def delete_test_case(conn: Connection, case: TestCase, by: str) -> None:
    """Delete a test case; the audit log keeps it."""
    test_cases.delete(conn, case.key, case.id)
    before = {"name": case.name, "given": case.given, "expected": case.expected}
    audit.note(conn, by, "test_case.removed", case.key, before=before)
    conn.commit()


def import_file(conn: Connection, draft: Draft, body: bytes, by: str) -> tuple[int, int]:
    """Import the test cases of a file and run them; returns how many are new, and how many changed.

    Raises `EditRefused` for a bad file.
    """
    new, changed = test_case_files.import_test_cases(conn, draft.key, body, by)
    run_test_cases.run_and_store_verdicts(conn, draft)
    conn.commit()
    return new, changed
