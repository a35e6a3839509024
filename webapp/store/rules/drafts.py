"""Drafts: rules that are being edited, every step of the editing, and who is editing them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from psycopg.types.json import Jsonb

from engine.authoring.tree.nodes import Tree, from_json, to_json
from webapp.store.system.connection import Connection

STEPS_KEPT = 50
MERGED_WITHIN = "500 milliseconds"
PRESENT_FOR = "30 seconds"
KEYS_LOCK = 423


class DraftContent(NamedTuple):
    """The content of a draft: its document without the condition, its condition tree, and the hash of both."""

    document: dict[str, Any]
    tree: Tree
    hash: bytes


@dataclass(frozen=True, slots=True)
class Draft:
    """A rule that is being edited.

    `base_version` is the version that was live when the draft was begun or last merged, None if there was none.
    `step` moves with undo and redo; `revision` grows with every change, so that a stale edit is noticed.
    `undo` and `redo` are the labels of the steps that they would undo or redo, None if there is none.
    """

    id: int
    key: str
    kind: str
    document: dict[str, Any]
    tree: Tree
    hash: bytes
    base_version: int | None
    step: int
    revision: int
    created_by: str
    created_at: datetime
    updated_by: str
    updated_at: datetime
    undo: str | None
    redo: str | None

    @property
    def content(self) -> DraftContent:
        """The current content."""
        return DraftContent(self.document, self.tree, self.hash)


SELECT_DRAFT = """
SELECT d.id, d.key, d.kind, d.document, d.tree, d.hash, d.base_version, d.step, d.revision,
  d.created_by, d.created_at, d.updated_by, d.updated_at,
  (SELECT s.label FROM draft_step s JOIN draft_step b ON b.draft = s.draft AND b.step = s.step - 1
    WHERE s.draft = d.id AND s.step = d.step),
  (SELECT s.label FROM draft_step s WHERE s.draft = d.id AND s.step = d.step + 1)
FROM draft d
"""


def _draft(row: Any) -> Draft:
    document, tree, digest = row[3:6]
    values = [*row[:3], document, from_json(tree), bytes(digest), *row[6:]]
    return Draft(*values)


def draft(conn: Connection, draft_id: int, *, locked: bool = False) -> Draft | None:
    """One draft by its id; `locked` keeps everybody else from changing it until the transaction ends."""
    if locked:
        conn.execute("SELECT FROM draft WHERE id = %s FOR UPDATE", (draft_id,))
    row = conn.execute(f"{SELECT_DRAFT} WHERE d.id = %s", (draft_id,)).fetchone()
    return None if row is None else _draft(row)


def of_rule(conn: Connection, key: str) -> Draft | None:
    """The draft of a rule, which has at most one."""
    row = conn.execute(f"{SELECT_DRAFT} WHERE d.key = %s", (key,)).fetchone()
    return None if row is None else _draft(row)


def all_drafts(conn: Connection) -> list[Draft]:
    """Every draft, the last changed first."""
    return [_draft(row) for row in conn.execute(f"{SELECT_DRAFT} ORDER BY d.updated_at DESC, d.id")]


def lock_keys(conn: Connection) -> None:
    """Keep everybody else from taking a key for a draft until this transaction ends."""
    conn.execute("SELECT pg_advisory_xact_lock(%s)", (KEYS_LOCK,))


def taken_keys(conn: Connection) -> set[str]:
    """The keys of all rules and drafts."""
    return {row[0] for row in conn.execute("SELECT key FROM rule UNION SELECT key FROM draft")}


def begin(conn: Connection, key: str, content: DraftContent, base_version: int | None, by: str) -> bool:
    """Begin the draft of a rule; False if there is one already."""
    values = (key, content.document["kind"], Jsonb(content.document), Jsonb(to_json(content.tree)), content.hash)
    row = conn.execute(
        "INSERT INTO draft (key, kind, document, tree, hash, base_version, created_by, updated_by)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (key) DO NOTHING RETURNING id",
        (*values, base_version, by, by),
    ).fetchone()
    if row is not None:
        _write_step(conn, row[0], 0, content, ("Opened", None, by))
    return row is not None


def add_step(conn: Connection, draft: Draft, content: DraftContent, label: str, merge_key: str | None, by: str) -> None:
    """Add the next step to a locked draft. Steps that were undone are deleted, and those more than 50 steps old.

    Two edits with the same merge key by the same person within half a second become one step.
    """
    conn.execute("DELETE FROM draft_step WHERE draft = %s AND step > %s", (draft.id, draft.step))
    step = draft.step + (not _is_merged(conn, draft, merge_key, by))
    _write_step(conn, draft.id, step, content, (label, merge_key, by))
    conn.execute("DELETE FROM draft_step WHERE draft = %s AND step < %s", (draft.id, step - STEPS_KEPT))
    _set_content(conn, draft.id, step, content, by)


def _is_merged(conn: Connection, draft: Draft, merge_key: str | None, by: str) -> bool:
    row = conn.execute(
        "SELECT FROM draft_step WHERE draft = %s AND step = %s AND step > 0 AND merge_key = %s AND created_by = %s"
        f" AND created_at > clock_timestamp() - interval '{MERGED_WITHIN}'",
        (draft.id, draft.step, merge_key, by),
    ).fetchone()
    return row is not None


def _write_step(
    conn: Connection,
    draft_id: int,
    step: int,
    content: DraftContent,
    label_merge_key_author: tuple[str, str | None, str],
) -> None:
    conn.execute(
        "INSERT INTO draft_step (draft, step, document, tree, hash, label, merge_key, created_by)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (draft, step) DO UPDATE SET document = excluded.document,"
        " tree = excluded.tree, hash = excluded.hash, label = excluded.label, created_at = clock_timestamp()",
        (draft_id, step, Jsonb(content.document), Jsonb(to_json(content.tree)), content.hash, *label_merge_key_author),
    )


def _set_content(conn: Connection, draft_id: int, step: int, content: DraftContent, by: str) -> None:
    conn.execute(
        "UPDATE draft SET key = %s, document = %s, tree = %s, hash = %s, step = %s, revision = revision + 1,"
        " updated_by = %s, updated_at = clock_timestamp() WHERE id = %s",
        (content.document["key"], Jsonb(content.document), Jsonb(to_json(content.tree)), content.hash, step, by,
         draft_id),
    )  # fmt: skip


def content_at(conn: Connection, draft: Draft, step: int) -> DraftContent:
    """The content of a draft at a stored step."""
    row = conn.execute(
        "SELECT document, tree, hash FROM draft_step WHERE draft = %s AND step = %s", (draft.id, step)
    ).fetchone()
    assert row is not None, "undo and redo are only offered if there is a step"
    return DraftContent(row[0], from_json(row[1]), bytes(row[2]))


def go_to_step(conn: Connection, draft: Draft, step: int, content: DraftContent, by: str) -> None:
    """Move a locked draft to a step, whose content is given."""
    _set_content(conn, draft.id, step, content, by)


def set_base(conn: Connection, draft_id: int, version: int | None) -> None:
    """Record which version the draft changes."""
    conn.execute("UPDATE draft SET base_version = %s WHERE id = %s", (version, draft_id))


def delete(conn: Connection, draft_id: int) -> None:
    """Delete a draft with its steps."""
    conn.execute("DELETE FROM draft WHERE id = %s", (draft_id,))


@dataclass(frozen=True, slots=True)
class PresentOperator:
    """Somebody who has a draft open, and the node they are at."""

    operator: str
    node: str | None


def record_presence(conn: Connection, draft_id: int, operator: str, node: str | None) -> list[PresentOperator]:
    """Record that somebody has a draft open, and return who else had it open in the last half minute."""
    conn.execute(
        "INSERT INTO draft_presence (draft, operator, node) SELECT id, %s, %s FROM draft WHERE id = %s"
        " ON CONFLICT (draft, operator) DO UPDATE SET node = excluded.node, seen_at = clock_timestamp()",
        (operator, node, draft_id),
    )
    rows = conn.execute(
        "SELECT operator, node FROM draft_presence WHERE draft = %s AND operator <> %s"
        f" AND seen_at > clock_timestamp() - interval '{PRESENT_FOR}' ORDER BY operator",
        (draft_id, operator),
    )
    return [PresentOperator(*row) for row in rows]
