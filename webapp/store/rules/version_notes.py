"""What is told of a rule's version beside its document: the tree that it was made of, why it came and by whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from psycopg.types.json import Jsonb

from engine.authoring.tree.nodes import Tree, from_json, to_json
from webapp.store.system.connection import Connection


@dataclass(frozen=True, slots=True)
class VersionNote:
    """Why a version came, who wrote it and who let it go live; `tree` is as `tree_json` writes it."""

    version: int
    tree: dict[str, Any] | None
    comment: str
    sent_by: str
    approved_by: str


def note_version(conn: Connection, key: str, note: VersionNote) -> None:
    """Keep what is told of a version; said again of the same version, the newer words stand."""
    conn.execute(
        "INSERT INTO version_note (key, version, tree, comment, sent_by, approved_by) VALUES (%s, %s, %s, %s, %s, %s)"
        " ON CONFLICT (key, version) DO UPDATE SET tree = excluded.tree, comment = excluded.comment,"
        " sent_by = excluded.sent_by, approved_by = excluded.approved_by, noted_at = clock_timestamp()",
        (key, note.version, Jsonb(note.tree), note.comment, note.sent_by, note.approved_by),
    )


def notes_of(conn: Connection, key: str) -> dict[int, VersionNote]:
    """What is told of each version of a rule; those that came as documents have no note."""
    rows = conn.execute("SELECT version, tree, comment, sent_by, approved_by FROM version_note WHERE key = %s", (key,))
    return {row[0]: VersionNote(*row) for row in rows}


def tree_of_version(conn: Connection, key: str, version: int) -> Tree | None:
    """The tree that a version was made of; None for one that came as a document."""
    row = conn.execute("SELECT tree FROM version_note WHERE key = %s AND version = %s", (key, version)).fetchone()
    return None if row is None or row[0] is None else from_json(row[0])


def tree_before(conn: Connection, key: str, version: int) -> Tree | None:
    """The tree of the last version before this one that was made of a tree."""
    row = conn.execute(
        "SELECT tree FROM version_note WHERE key = %s AND version < %s AND tree IS NOT NULL AND tree <> 'null'"
        " ORDER BY version DESC LIMIT 1",
        (key, version),
    ).fetchone()
    return None if row is None else from_json(row[0])


def rows_of_version(conn: Connection, key: str, version: int) -> dict[str, Any]:
    """Pointer → tree, for the conditions in rows of the version, or of the last one before it that has a note."""
    row = conn.execute(
        "SELECT tree -> 'of_rows' FROM version_note WHERE key = %s AND version <= %s AND tree IS NOT NULL"
        " AND tree <> 'null' ORDER BY version DESC LIMIT 1",
        (key, version),
    ).fetchone()
    return dict(row[0]) if row and row[0] else {}


def tree_json(tree: Tree, of_rows: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What notes keep of a draft: the tree of its condition, and those of the conditions in its rows by pointer."""
    return {**to_json(tree), **({"of_rows": dict(of_rows)} if of_rows else {})}
