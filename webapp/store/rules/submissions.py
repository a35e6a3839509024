"""What was sent for approval: exactly which content, with which words, and what was decided."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from engine.authoring.tree.nodes import Tree, from_json, to_json
from webapp.store.rules.drafts import DraftContent
from webapp.store.system.connection import Connection


@dataclass(frozen=True, slots=True)
class Submission:
    """Content that somebody sent for approval; `decision` is approved, returned or withdrawn, None while it is open."""

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


def send(conn: Connection, key: str, base: int | None, content: DraftContent, told: tuple[str, str, str]) -> int:
    """Send content for approval, in the place of what was sent before; `told` is comment, past and sender."""
    withdraw(conn, key, told[2])
    row = conn.execute(
        "INSERT INTO submission (key, base_version, hash, document, tree, comment, past, sent_by)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s) RETURNING id",
        (key, base, content.hash, Jsonb(content.document), Jsonb(to_json(content.tree)), *told),
    ).fetchone()
    assert row is not None
    return int(row[0])


def last(conn: Connection, key: str) -> Submission | None:
    """What was sent last for a rule, decided or not."""
    statement = f"SELECT {COLUMNS} FROM submission WHERE key = %s AND decision IS DISTINCT FROM 'withdrawn'"
    row = conn.execute(f"{statement} ORDER BY id DESC LIMIT 1", (key,)).fetchone()
    return None if row is None else _submission(row)


def waiting(conn: Connection) -> list[Submission]:
    """Everything that waits for approval, the oldest first."""
    rows = conn.execute(f"SELECT {COLUMNS} FROM submission WHERE decision IS NULL ORDER BY id")
    return [_submission(row) for row in rows]


def returned_to(conn: Connection, by: str) -> list[Submission]:
    """What this person sent and got back, as long as its draft is there and was not sent again; the oldest first."""
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
    """Decide what is open; false where somebody has decided already."""
    row = conn.execute(
        "UPDATE submission SET decision = %s, decided_by = %s, decided_at = clock_timestamp(), reply = %s"
        " WHERE id = %s AND decision IS NULL RETURNING true",
        (decision, by, reply, submission_id),
    ).fetchone()
    return row is not None


def withdraw(conn: Connection, key: str, by: str) -> None:
    """Take back what waits for approval."""
    conn.execute(
        "UPDATE submission SET decision = 'withdrawn', decided_by = %s, decided_at = clock_timestamp()"
        " WHERE key = %s AND decision IS NULL",
        (by, key),
    )


def rename(conn: Connection, key: str, new: str) -> None:
    """Let what was sent follow the key of its rule."""
    conn.execute("UPDATE submission SET key = %s WHERE key = %s", (new, key))
