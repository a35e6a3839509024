"""Notes on versions: the condition tree that a version was made from, why it was published, and by whom."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.dialects.postgresql import insert

from engine.authoring.tree.nodes import Tree, from_json, to_json
from webapp.models import VersionNoteRow
from webapp.store.system.compiled_statements import CompiledStatement
from webapp.store.system.connection import Connection
from webapp.store.system.orm import record_columns, session


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
    written = insert(VersionNoteRow).values(key=key, **asdict(note))
    replaced = {
        "tree": written.excluded.tree,
        "comment": written.excluded.comment,
        "sent_by": written.excluded.sent_by,
        "approved_by": written.excluded.approved_by,
        "noted_at": func.clock_timestamp(),
    }
    noted = written.on_conflict_do_update(index_elements=[VersionNoteRow.key, VersionNoteRow.version], set_=replaced)
    with session(conn) as orm:
        orm.execute(noted)


def notes_of(conn: Connection, key: str) -> dict[int, VersionNote]:
    """Version → note for a rule; versions that came as documents have none."""
    with session(conn) as orm:
        rows = orm.execute(select(*record_columns(VersionNoteRow, VersionNote)).where(VersionNoteRow.key == key))
        return {row.version: VersionNote(*row) for row in rows}


# Every edit of a rule is compared with the version that it changes.
_of_rule = VersionNoteRow.key == bindparam("key")
_trees = select(VersionNoteRow.tree).where(_of_rule, func.jsonb_typeof(VersionNoteRow.tree) == "object")
_newest_first = VersionNoteRow.version.desc()
TREE_OF = CompiledStatement(_trees.where(VersionNoteRow.version == bindparam("version")))
TREE_BEFORE = CompiledStatement(
    _trees.where(VersionNoteRow.version < bindparam("version")).order_by(_newest_first).limit(1)
)
TREE_UP_TO = CompiledStatement(
    _trees.where(VersionNoteRow.version <= bindparam("version")).order_by(_newest_first).limit(1)
)


def tree_of_version(conn: Connection, key: str, version: int) -> Tree | None:
    """The tree that a version was made from; None for one that came as a document."""
    row = TREE_OF.first(conn, key=key, version=version)
    return None if row is None else from_json(row[0])


def tree_before(conn: Connection, key: str, version: int) -> Tree | None:
    """The tree of the last version before this one that was made from a tree."""
    row = TREE_BEFORE.first(conn, key=key, version=version)
    return None if row is None else from_json(row[0])


def rows_of_version(conn: Connection, key: str, version: int) -> dict[str, Any]:
    """Pointer → tree for the conditions in table rows, of the version or of the last noted one before it."""
    row = TREE_UP_TO.first(conn, key=key, version=version)
    return {} if row is None else dict(row[0].get("of_rows") or {})


def tree_json(tree: Tree, of_rows: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The trees of a draft for its note: that of its condition, and by pointer those in its table rows."""
    return {**to_json(tree), **({"of_rows": dict(of_rows)} if of_rows else {})}
