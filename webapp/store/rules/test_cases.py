"""Test cases of rules: what is given, whether the rule shall match, and what it said last."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from webapp.store.system.connection import Connection


@dataclass(frozen=True, slots=True)
class TestCase:
    """One test case; `verdict` is what the content with the hash `judged_hash` said, None before it was asked."""

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
        """Whether the rule said what it shall."""
        return self.verdict is self.expected


COLUMNS = "id, key, name, given, expected, verdict, detail, judged_hash, created_by, created_at"


def cases_of(conn: Connection, key: str) -> list[TestCase]:
    """The test cases of a rule, in the order in which they were made."""
    return [
        TestCase(*row) for row in conn.execute(f"SELECT {COLUMNS} FROM test_case WHERE key = %s ORDER BY id", (key,))
    ]


def case(conn: Connection, key: str, case_id: int) -> TestCase | None:
    """One test case of a rule."""
    row = conn.execute(f"SELECT {COLUMNS} FROM test_case WHERE key = %s AND id = %s", (key, case_id)).fetchone()
    return None if row is None else TestCase(*row)


def add(conn: Connection, key: str, name: str, given: Mapping[str, Any], *, expected: bool, by: str) -> int | None:
    """Keep a test case; None where the rule has one of this name."""
    row = conn.execute(
        "INSERT INTO test_case (key, name, given, expected, created_by) VALUES (%s, %s, %s, %s, %s)"
        " ON CONFLICT (key, name) DO NOTHING RETURNING id",
        (key, name, Jsonb(dict(given)), expected, by),
    ).fetchone()
    return None if row is None else int(row[0])


def change(conn: Connection, case: TestCase, name: str, given: Mapping[str, Any], *, expected: bool) -> None:
    """Let a test case say something else; it is to be judged anew."""
    conn.execute(
        "UPDATE test_case SET name = %s, given = %s, expected = %s, judged_hash = NULL, verdict = NULL, detail = NULL"
        " WHERE id = %s",
        (name, Jsonb(dict(given)), expected, case.id),
    )


def keep_verdicts(conn: Connection, told: Sequence[tuple[int, bool | None, str]], judged_hash: bytes) -> None:
    """Keep what content with this hash said to test cases: their numbers, verdicts, and why."""
    numbers, verdicts, details = ([each[place] for each in told] for place in range(3))
    conn.execute(
        "UPDATE test_case c SET verdict = t.verdict, detail = t.detail, judged_hash = %s"
        " FROM unnest(%s::bigint[], %s::boolean[], %s::text[]) AS t (id, verdict, detail) WHERE c.id = t.id",
        (judged_hash, numbers, verdicts, details),
    )


def remove(conn: Connection, key: str, case_id: int) -> None:
    """Throw one test case away."""
    conn.execute("DELETE FROM test_case WHERE key = %s AND id = %s", (key, case_id))


def forget(conn: Connection, key: str) -> None:
    """Throw all test cases of a rule away."""
    conn.execute("DELETE FROM test_case WHERE key = %s", (key,))


def rename(conn: Connection, key: str, new: str) -> None:
    """Let test cases follow the key of their rule."""
    conn.execute("UPDATE test_case SET key = %s WHERE key = %s", (new, key))
