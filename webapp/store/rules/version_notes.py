"""Notes on versions: the condition tree that a version was made from, why it was published, and by whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from psycopg.types.json import Jsonb

from engine.authoring.tree.nodes import Tree, from_json, to_json
from webapp.store.system.connection import Connection


@dataclass(frozen=True, slots=True)
class VersionNote:
    """Why a version was published, who wrote it and who approved it; `tree` is in the form of `tree_json`."""

    version: int
    tree: dict[str, Any] | None
    comment: str
    sent_by: str
    approved_by: str


def note_version(conn: Connection, key: str, note: VersionNote) -> None:
    """Store the note on a version; a second note on the same version replaces the first."""
    conn.execute(
        "INSERT INTO version_note (key, version, tree, comment, sent_by, approved_by) VALUES (%s, %s, %s, %s, %s, %s)"
        " ON CONFLICT (key, version) DO UPDATE SET tree = excluded.tree, comment = excluded.comment,"
        " sent_by = excluded.sent_by, approved_by = excluded.approved_by, noted_at = clock_timestamp()",
        (key, note.version, Jsonb(note.tree), note.comment, note.sent_by, note.approved_by),
    )


def notes_of(conn: Connection, key: str) -> dict[int, VersionNote]:
    """Version → note for a rule; versions that came as documents have none."""
    rows = conn.execute("SELECT version, tree, comment, sent_by, approved_by FROM version_note WHERE key = %s", (key,))
    return {row[0]: VersionNote(*row) for row in rows}


def tree_of_version(conn: Connection, key: str, version: int) -> Tree | None:
    """The tree that a version was made from; None for one that came as a document."""
    row = conn.execute("SELECT tree FROM version_note WHERE key = %s AND version = %s", (key, version)).fetchone()
    return None if row is None or row[0] is None else from_json(row[0])


def tree_before(conn: Connection, key: str, version: int) -> Tree | None:
    """The tree of the last version before this one that was made from a tree."""
    row = conn.execute(
        "SELECT tree FROM version_note WHERE key = %s AND version < %s AND tree IS NOT NULL AND tree <> 'null'"
        " ORDER BY version DESC LIMIT 1",
        (key, version),
    ).fetchone()
    return None if row is None else from_json(row[0])


def rows_of_version(conn: Connection, key: str, version: int) -> dict[str, Any]:
    """Pointer → tree for the conditions in table rows, of the version or of the last noted one before it."""
    row = conn.execute(
        "SELECT tree -> 'of_rows' FROM version_note WHERE key = %s AND version <= %s AND tree IS NOT NULL"
        " AND tree <> 'null' ORDER BY version DESC LIMIT 1",
        (key, version),
    ).fetchone()
    return dict(row[0]) if row and row[0] else {}


def tree_json(tree: Tree, of_rows: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The trees of a draft for its note: that of its condition, and by pointer those in its table rows."""
    return {**to_json(tree), **({"of_rows": dict(of_rows)} if of_rows else {})}
