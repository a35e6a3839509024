"""Submissions: exactly which content was sent for approval, with which comment, and what was decided."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from engine.authoring.tree.nodes import Tree, from_json, to_json
from webapp.store.rules.drafts import Draft
from webapp.store.system.connection import Connection


@dataclass(frozen=True, slots=True)
class Submission:
    """Content sent for approval; `decision` is approved, returned or withdrawn, None while it is open."""

    id: int
    key: str
    base_version: int | None
    hash: bytes
    document: dict[str, Any]
    tree: Tree
    comment: str
    past: str
    sent_by: str
    sent_at: datetime
    decision: str | None
    decided_by: str | None
    decided_at: datetime | None
    reply: str | None

    @property
    def is_open(self) -> bool:
        """Whether nobody has decided yet."""
        return self.decision is None


COLUMNS = (
    "id, key, base_version, hash, document, tree, comment, past, sent_by, sent_at,"
    " decision, decided_by, decided_at, reply"
)


def send(conn: Connection, draft: Draft, *, comment: str, past: str, by: str) -> int:
    """Send what a draft says for approval and return the submission's id; an earlier open one is withdrawn."""
    withdraw(conn, draft.key, by)
    document, tree = Jsonb(draft.document), Jsonb(to_json(draft.tree))
    row = conn.execute(
        "INSERT INTO submission (key, base_version, hash, document, tree, comment, past, sent_by)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s) RETURNING id",
        (draft.key, draft.base_version, draft.hash, document, tree, comment, past, by),
    ).fetchone()
    assert row is not None
    return int(row[0])


def last(conn: Connection, key: str) -> Submission | None:
    """The last submission of a rule that was not withdrawn, decided or not."""
    statement = f"SELECT {COLUMNS} FROM submission WHERE key = %s AND decision IS DISTINCT FROM 'withdrawn'"
    row = conn.execute(f"{statement} ORDER BY id DESC LIMIT 1", (key,)).fetchone()
    return None if row is None else _submission(row)


def waiting(conn: Connection) -> list[Submission]:
    """Every submission that waits for approval, oldest first."""
    rows = conn.execute(f"SELECT {COLUMNS} FROM submission WHERE decision IS NULL ORDER BY id")
    return [_submission(row) for row in rows]


def returned_to(conn: Connection, by: str) -> list[Submission]:
    """What was returned to this person, if its draft still exists and was not sent again; oldest first."""
    rows = conn.execute(
        f"SELECT {COLUMNS} FROM (SELECT DISTINCT ON (key) * FROM submission"
        " WHERE decision IS DISTINCT FROM 'withdrawn' ORDER BY key, id DESC) s"
        " WHERE decision = 'returned' AND sent_by = %s AND EXISTS (SELECT FROM draft d WHERE d.key = s.key)"
        " ORDER BY id",
        (by,),
    )
    return [_submission(row) for row in rows]


def _submission(row: Any) -> Submission:
    values = [*row[:3], bytes(row[3]), row[4], from_json(row[5]), *row[6:]]
    return Submission(*values)


def decide(conn: Connection, submission_id: int, decision: str, by: str, reply: str = "") -> bool:
    """Decide an open submission; False if it was decided already."""
    row = conn.execute(
        "UPDATE submission SET decision = %s, decided_by = %s, decided_at = clock_timestamp(), reply = %s"
        " WHERE id = %s AND decision IS NULL RETURNING true",
        (decision, by, reply, submission_id),
    ).fetchone()
    return row is not None


def withdraw(conn: Connection, key: str, by: str) -> None:
    """Withdraw the open submission of a rule, if there is one."""
    conn.execute(
        "UPDATE submission SET decision = 'withdrawn', decided_by = %s, decided_at = clock_timestamp()"
        " WHERE key = %s AND decision IS NULL",
        (by, key),
    )


def rename(conn: Connection, key: str, new: str) -> None:
    """Move submissions along when their rule gets another key."""
    conn.execute("UPDATE submission SET key = %s WHERE key = %s", (new, key))
