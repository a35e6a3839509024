"""Test cases of rules: the input, whether the rule is expected to match, and the last verdict."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from webapp.store.system.connection import Connection


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


COLUMNS = "id, key, name, given, expected, verdict, detail, judged_hash, created_by, created_at"


def cases_of(conn: Connection, key: str) -> list[TestCase]:
    """The test cases of a rule, oldest first."""
    return [
        TestCase(*row) for row in conn.execute(f"SELECT {COLUMNS} FROM test_case WHERE key = %s ORDER BY id", (key,))
    ]


def case(conn: Connection, key: str, case_id: int) -> TestCase | None:
    """One test case of a rule; None if there is none."""
    row = conn.execute(f"SELECT {COLUMNS} FROM test_case WHERE key = %s AND id = %s", (key, case_id)).fetchone()
    return None if row is None else TestCase(*row)


def add(conn: Connection, key: str, name: str, given: Mapping[str, Any], *, expected: bool, by: str) -> int | None:
    """Store a test case and return its id; None if the rule has one with this name."""
    row = conn.execute(
        "INSERT INTO test_case (key, name, given, expected, created_by) VALUES (%s, %s, %s, %s, %s)"
        " ON CONFLICT (key, name) DO NOTHING RETURNING id",
        (key, name, Jsonb(dict(given)), expected, by),
    ).fetchone()
    return None if row is None else int(row[0])


def change(conn: Connection, case: TestCase, name: str, given: Mapping[str, Any], *, expected: bool) -> None:
    """Change a test case; its verdict is dropped until the next run."""
    conn.execute(
        "UPDATE test_case SET name = %s, given = %s, expected = %s, judged_hash = NULL, verdict = NULL, detail = NULL"
        " WHERE id = %s",
        (name, Jsonb(dict(given)), expected, case.id),
    )


def store_verdicts(conn: Connection, verdicts: Sequence[tuple[int, bool | None, str]], judged_hash: bytes) -> None:
    """Store the verdicts of the content with this hash, each as the test case's id, the verdict, and why."""
    ids, matches, details = ([verdict[member] for verdict in verdicts] for member in range(3))
    conn.execute(
        "UPDATE test_case c SET verdict = t.verdict, detail = t.detail, judged_hash = %s"
        " FROM unnest(%s::bigint[], %s::boolean[], %s::text[]) AS t (id, verdict, detail) WHERE c.id = t.id",
        (judged_hash, ids, matches, details),
    )


def delete(conn: Connection, key: str, case_id: int) -> None:
    """Delete one test case."""
    conn.execute("DELETE FROM test_case WHERE key = %s AND id = %s", (key, case_id))


def delete_all(conn: Connection, key: str) -> None:
    """Delete all test cases of a rule."""
    conn.execute("DELETE FROM test_case WHERE key = %s", (key,))


def rename(conn: Connection, key: str, new: str) -> None:
    """Move test cases along when their rule gets another key."""
    conn.execute("UPDATE test_case SET key = %s WHERE key = %s", (new, key))
