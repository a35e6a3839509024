"""Test cases of rules: the input, whether the rule is expected to match, and the last verdict."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy import delete as delete_from
from sqlalchemy.dialects.postgresql import insert

from webapp.models import TestCaseRow
from webapp.store.system.compiled_statements import CompiledStatement
from webapp.store.system.connection import Connection
from webapp.store.system.orm import record_columns, session


@dataclass(frozen=True, slots=True)
class TestCase:
    """One test case; `verdict` is that of the content with the hash `judged_hash`, None before the first run."""

    __test__ = False  # its name begins like a test's

    id: int
    key: str
    name: str
    given: dict[str, Any]
    expected: bool
    verdict: bool | None
    detail: str | None
    judged_hash: bytes | None
    created_by: str
    created_at: datetime

    @property
    def passes(self) -> bool:
        """Whether the verdict is the expected one."""
        return self.verdict is self.expected


TEST_CASE = record_columns(TestCaseRow, TestCase)
# Every edit of a rule runs its test cases, and its page shows them.
CASES = CompiledStatement(select(*TEST_CASE).where(TestCaseRow.key == bindparam("key")).order_by(TestCaseRow.id))


def cases_of(conn: Connection, key: str) -> list[TestCase]:
    """The test cases of a rule, oldest first."""
    return [TestCase(*row) for row in CASES.rows(conn, key=key)]


def case(conn: Connection, key: str, case_id: int) -> TestCase | None:
    """One test case of a rule; None if there is none."""
    with session(conn) as orm:
        row = orm.execute(select(*TEST_CASE).where(TestCaseRow.key == key, TestCaseRow.id == case_id)).first()
    return None if row is None else TestCase(*row)


def add(conn: Connection, key: str, name: str, given: Mapping[str, Any], *, expected: bool, by: str) -> int | None:
    """Store a test case and return its id; None if the rule has one with this name."""
    added = (
        insert(TestCaseRow)
        .values(key=key, name=name, given=dict(given), expected=expected, created_by=by)
        .on_conflict_do_nothing(index_elements=[TestCaseRow.key, TestCaseRow.name])
        .returning(TestCaseRow.id)
    )
    with session(conn) as orm:
        return orm.scalar(added)


def change(conn: Connection, case: TestCase, name: str, given: Mapping[str, Any], *, expected: bool) -> None:
    """Change a test case; its verdict is dropped until the next run."""
    changed = {"name": name, "given": dict(given), "expected": expected}
    unjudged = {"judged_hash": None, "verdict": None, "detail": None}
    with session(conn) as orm:
        orm.execute(update(TestCaseRow).where(TestCaseRow.id == case.id).values({**changed, **unjudged}))


def store_verdicts(conn: Connection, verdicts: Sequence[tuple[int, bool | None, str]], judged_hash: bytes) -> None:
    """Store the verdicts of the content with this hash, each as the test case's id, the verdict, and why."""
    ids, matches, details = ([verdict[member] for verdict in verdicts] for member in range(3))
    # By hand: one statement for any number of verdicts, where SQLAlchemy would send one for each.
    conn.execute(
        "UPDATE test_case c SET verdict = t.verdict, detail = t.detail, judged_hash = %s"
        " FROM unnest(%s::bigint[], %s::boolean[], %s::text[]) AS t (id, verdict, detail) WHERE c.id = t.id",
        (judged_hash, ids, matches, details),
    )


def delete(conn: Connection, key: str, case_id: int) -> None:
    """Delete one test case."""
    with session(conn) as orm:
        orm.execute(delete_from(TestCaseRow).where(TestCaseRow.key == key, TestCaseRow.id == case_id))


def delete_all(conn: Connection, key: str) -> None:
    """Delete all test cases of a rule."""
    with session(conn) as orm:
        orm.execute(delete_from(TestCaseRow).where(TestCaseRow.key == key))


def rename(conn: Connection, key: str, new: str) -> None:
    """Move test cases along when their rule gets another key."""
    with session(conn) as orm:
        orm.execute(update(TestCaseRow).where(TestCaseRow.key == key).values(key=new))
