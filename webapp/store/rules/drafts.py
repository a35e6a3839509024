"""Drafts: rules that are being edited, every step of the editing, and who is editing them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Text, and_, bindparam, func, or_, select, union, update
from sqlalchemy import delete as delete_from
from sqlalchemy.dialects.postgresql import insert

from engine.authoring.tree.nodes import Tree
from webapp.models import DraftPresenceRow, DraftRow, DraftStepRow, RuleRow
from webapp.store.system.compiled_statements import CompiledStatement, binds
from webapp.store.system.connection import Connection
from webapp.store.system.orm import record_columns, session

STEPS_KEPT = 50
MERGED_WITHIN = timedelta(milliseconds=500)
PRESENT_FOR = timedelta(seconds=30)
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


# Every edit of a rule runs these, most of them more than once, so they are compiled and need no session.
DRAFT = select(*record_columns(DraftRow, Draft))
LOCK = CompiledStatement(select(DraftRow.id).where(DraftRow.id == bindparam("draft_id")).with_for_update())
BY_ID = CompiledStatement(DRAFT.where(DraftRow.id == bindparam("draft_id")))
BY_KEY = CompiledStatement(DRAFT.where(DraftRow.key == bindparam("key")))


def draft(conn: Connection, draft_id: int, *, locked: bool = False) -> Draft | None:
    """One draft by its id; `locked` keeps everybody else from changing it until the transaction ends."""
    if locked:
        # In a statement of its own: one that waited for the lock would read the steps as they were before.
        LOCK.run(conn, draft_id=draft_id)
    row = BY_ID.first(conn, draft_id=draft_id)
    return None if row is None else Draft(*row)


def of_rule(conn: Connection, key: str) -> Draft | None:
    """The draft of a rule, which has at most one."""
    row = BY_KEY.first(conn, key=key)
    return None if row is None else Draft(*row)


def all_drafts(conn: Connection) -> list[Draft]:
    """Every draft, the last changed first."""
    with session(conn) as orm:
        return [Draft(*row) for row in orm.execute(DRAFT.order_by(DraftRow.updated_at.desc(), DraftRow.id))]


def lock_keys(conn: Connection) -> None:
    """Keep everybody else from taking a key for a draft until this transaction ends."""
    conn.execute("SELECT pg_advisory_xact_lock(%s)", (KEYS_LOCK,))


def taken_keys(conn: Connection) -> set[str]:
    """The keys of all rules and drafts."""
    with session(conn) as orm:
        return set(orm.scalars(union(select(RuleRow.key), select(DraftRow.key))))


def begin(conn: Connection, key: str, content: DraftContent, base_version: int | None, by: str) -> bool:
    """Begin the draft of a rule; False if there is one already."""
    begun = (
        insert(DraftRow)
        .values(
            key=key,
            kind=content.document["kind"],
            **content._asdict(),
            base_version=base_version,
            created_by=by,
            updated_by=by,
        )
        .on_conflict_do_nothing(index_elements=[DraftRow.key])
        .returning(DraftRow.id)
    )
    with session(conn) as orm:
        draft_id = orm.scalar(begun)
        if draft_id is not None:
            orm.add(DraftStepRow(draft=draft_id, step=0, **content._asdict(), label="Opened", created_by=by))
    return draft_id is not None


_of_draft = DraftStepRow.draft == bindparam("draft")
_at_step = and_(_of_draft, DraftStepRow.step == bindparam("step"))
CONTENT = DraftContent._fields

MERGEABLE = CompiledStatement(
    select(DraftStepRow.step).where(
        _at_step,
        DraftStepRow.merge_key == bindparam("merge_key"),
        DraftStepRow.created_by == bindparam("by"),
        DraftStepRow.created_at > func.clock_timestamp() - MERGED_WITHIN,
    )
)
MERGE = CompiledStatement(
    update(DraftStepRow)
    .where(_of_draft, DraftStepRow.step == bindparam("at_step"))
    .values(**binds(*CONTENT, "label"), created_at=func.clock_timestamp())
)
ADD = CompiledStatement(
    insert(DraftStepRow).values(binds("draft", "step", *CONTENT, "label", "merge_key", "created_by"))
)
FORGET = CompiledStatement(
    delete_from(DraftStepRow).where(
        _of_draft, or_(DraftStepRow.step > bindparam("present"), DraftStepRow.step < bindparam("oldest"))
    )
)
SET_CONTENT = CompiledStatement(
    update(DraftRow)
    .where(DraftRow.id == bindparam("draft_id"))
    .values(
        **binds("key", *CONTENT, "step", "updated_by"),
        revision=DraftRow.revision + 1,
        updated_at=func.clock_timestamp(),
    )
)
CONTENT_AT = CompiledStatement(select(*(getattr(DraftStepRow, name) for name in CONTENT)).where(_at_step))


def add_step(conn: Connection, draft: Draft, content: DraftContent, label: str, merge_key: str | None, by: str) -> None:
    """Add the next step to a locked draft. Steps that were undone are deleted, and those more than 50 steps old.

    Two edits with the same merge key by the same person within half a second become one step.
    """
    is_merged = _is_mergeable(conn, draft, merge_key, by)
    step = draft.step if is_merged else draft.step + 1
    FORGET.run(conn, draft=draft.id, present=draft.step, oldest=step - STEPS_KEPT)
    if is_merged:
        MERGE.run(conn, draft=draft.id, at_step=step, **content._asdict(), label=label)
    else:
        step_row = {**content._asdict(), "label": label, "merge_key": merge_key, "created_by": by}
        ADD.run(conn, draft=draft.id, step=step, **step_row)
    go_to_step(conn, draft, step, content, by)


def _is_mergeable(conn: Connection, draft: Draft, merge_key: str | None, by: str) -> bool:
    if merge_key is None or draft.step == 0:
        return False
    return MERGEABLE.first(conn, draft=draft.id, step=draft.step, merge_key=merge_key, by=by) is not None


def content_at(conn: Connection, draft: Draft, step: int) -> DraftContent:
    """The content of a draft at a stored step."""
    row = CONTENT_AT.first(conn, draft=draft.id, step=step)
    assert row is not None, "undo and redo are only offered if there is a step"
    return DraftContent(*row)


def go_to_step(conn: Connection, draft: Draft, step: int, content: DraftContent, by: str) -> None:
    """Move a locked draft to a step, whose content is given."""
    key = content.document["key"]
    SET_CONTENT.run(conn, draft_id=draft.id, key=key, **content._asdict(), step=step, updated_by=by)


def set_base(conn: Connection, draft_id: int, version: int | None) -> None:
    """Record which version the draft changes."""
    with session(conn) as orm:
        orm.execute(update(DraftRow).where(DraftRow.id == draft_id).values(base_version=version))


def delete(conn: Connection, draft_id: int) -> None:
    """Delete a draft; its steps and who was present go with it."""
    with session(conn) as orm:
        orm.execute(delete_from(DraftRow).where(DraftRow.id == draft_id))


@dataclass(frozen=True, slots=True)
class PresentOperator:
    """Somebody who has a draft open, and the node they are at."""

    operator: str
    node: str | None


# From the draft's own row: it may have been published or discarded meanwhile.
_seen = insert(DraftPresenceRow).from_select(
    ["draft", "operator", "node"],
    select(DraftRow.id, bindparam("operator", type_=Text), bindparam("node", type_=Text)).where(
        DraftRow.id == bindparam("draft_id")
    ),
)
RECORD_PRESENCE = CompiledStatement(
    _seen.on_conflict_do_update(
        index_elements=[DraftPresenceRow.draft, DraftPresenceRow.operator],
        set_={"node": _seen.excluded.node, "seen_at": func.clock_timestamp()},
    )
)
OTHERS_PRESENT = CompiledStatement(
    select(*record_columns(DraftPresenceRow, PresentOperator))
    .where(
        DraftPresenceRow.draft == bindparam("draft_id"),
        DraftPresenceRow.operator != bindparam("operator"),
        DraftPresenceRow.seen_at > func.clock_timestamp() - PRESENT_FOR,
    )
    .order_by(DraftPresenceRow.operator)
)


def record_presence(conn: Connection, draft_id: int, operator: str, node: str | None) -> list[PresentOperator]:
    """Record that somebody has a draft open, and return who else had it open in the last half minute."""
    RECORD_PRESENCE.run(conn, draft_id=draft_id, operator=operator, node=node)
    return [PresentOperator(*row) for row in OTHERS_PRESENT.rows(conn, draft_id=draft_id, operator=operator)]
