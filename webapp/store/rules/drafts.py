"""Drafts: rules that are being edited, every step of the editing, and who is editing them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import and_, bindparam, func, or_, select, union, update
from sqlalchemy import delete as delete_from
from sqlalchemy.dialects.postgresql import insert

from engine.authoring.tree.nodes import Tree
from webapp.models import DraftPresenceRow, DraftRow, DraftStepRow, RuleRow
from webapp.store.system.compiled_statements import CompiledStatement, binds
from webapp.store.system.connection import Connection
from webapp.store.system.orm import record_columns, session

STEPS_KEPT = 100
MERGED_WITHIN = timedelta(milliseconds=500)
PRESENT_FOR = timedelta(seconds=15)
SEEN_AGAIN_AFTER = timedelta(seconds=5)
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
    `step` is the last one; `revision` grows with every change, also with those that are merged into one step, so that
    a stale edit is noticed.
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
    .values(**binds(*CONTENT, "label", "revision"), created_at=func.clock_timestamp())
)
ADD = CompiledStatement(
    insert(DraftStepRow).values(
        binds("draft", "step", *CONTENT, "label", "revision", "merge_key", "reverses", "created_by")
    )
)
FORGET = CompiledStatement(delete_from(DraftStepRow).where(_of_draft, DraftStepRow.step < bindparam("oldest")))
SET_CONTENT = CompiledStatement(
    update(DraftRow)
    .where(DraftRow.id == bindparam("draft_id"))
    .values(
        **binds("key", *CONTENT, "step", "updated_by"),
        revision=DraftRow.revision + 1,
        updated_at=func.clock_timestamp(),
    )
)
CONTENTS = CompiledStatement(
    select(DraftStepRow.step, *(getattr(DraftStepRow, name) for name in CONTENT)).where(
        _of_draft, DraftStepRow.step.between(bindparam("first"), bindparam("last"))
    )
)


@dataclass(frozen=True, slots=True)
class DraftStep:
    """One step of a draft, without its content. `reverses` is the step that it took back, None for an edit."""

    step: int
    label: str
    revision: int
    reverses: int | None
    created_by: str


STEPS = CompiledStatement(select(*record_columns(DraftStepRow, DraftStep)).where(_of_draft).order_by(DraftStepRow.step))


def steps(conn: Connection, draft_id: int) -> list[DraftStep]:
    """All steps that are still kept, in their order; the first says what the others began with."""
    return [DraftStep(*row) for row in STEPS.rows(conn, draft=draft_id)]


@dataclass(frozen=True, slots=True)
class NewStep:
    """A step to add. Two edits with the same `merge_key` by the same person within half a second become one."""

    content: DraftContent
    label: str
    by: str
    merge_key: str | None = None
    reverses: int | None = None


def add_step(conn: Connection, draft: Draft, new: NewStep) -> None:
    """Add the next step to a locked draft. Of its steps, the last 100 are kept."""
    content = new.content._asdict()
    is_merged = _is_mergeable(conn, draft, new)
    step = draft.step if is_merged else draft.step + 1
    change = {**content, "label": new.label, "revision": draft.revision + 1}
    if is_merged:
        MERGE.run(conn, draft=draft.id, at_step=step, **change)
    else:
        FORGET.run(conn, draft=draft.id, oldest=step - STEPS_KEPT)
        own = {"merge_key": new.merge_key, "reverses": new.reverses, "created_by": new.by}
        ADD.run(conn, draft=draft.id, step=step, **change, **own)
    key = new.content.document["key"]
    SET_CONTENT.run(conn, draft_id=draft.id, key=key, **content, step=step, updated_by=new.by)


def _is_mergeable(conn: Connection, draft: Draft, new: NewStep) -> bool:
    if new.merge_key is None or draft.step == 0:
        return False
    return MERGEABLE.first(conn, draft=draft.id, step=draft.step, merge_key=new.merge_key, by=new.by) is not None


def contents(conn: Connection, draft_id: int, first: int, last: int) -> dict[int, DraftContent]:
    """What the draft said after each of these steps, as far as they are kept."""
    rows = CONTENTS.rows(conn, draft=draft_id, first=first, last=last)
    return {step: DraftContent(*content) for step, *content in rows}


def set_base(conn: Connection, draft_id: int, version: int | None) -> None:
    """Record which version the draft changes."""
    with session(conn) as orm:
        orm.execute(update(DraftRow).where(DraftRow.id == draft_id).values(base_version=version))


def delete(conn: Connection, draft_id: int) -> None:
    """Delete a draft; its steps go with it."""
    with session(conn) as orm:
        orm.execute(delete_from(DraftRow).where(DraftRow.id == draft_id))


@dataclass(frozen=True, slots=True)
class PresentOperator:
    """Somebody who has a rule open in the editor, and the node they are at."""

    operator: str
    node: str | None


_seen = insert(DraftPresenceRow).values(binds("key", "operator", "node"))
# A page asks every second or two: most of the time there is nothing to write.
RECORD_PRESENCE = CompiledStatement(
    _seen.on_conflict_do_update(
        index_elements=[DraftPresenceRow.key, DraftPresenceRow.operator],
        set_={"node": _seen.excluded.node, "seen_at": func.clock_timestamp()},
        where=or_(
            DraftPresenceRow.node.is_distinct_from(_seen.excluded.node),
            DraftPresenceRow.seen_at < func.clock_timestamp() - SEEN_AGAIN_AFTER,
        ),
    )
)
OTHERS_PRESENT = CompiledStatement(
    select(*record_columns(DraftPresenceRow, PresentOperator))
    .where(
        DraftPresenceRow.key == bindparam("key"),
        DraftPresenceRow.operator != bindparam("operator"),
        DraftPresenceRow.seen_at > func.clock_timestamp() - PRESENT_FOR,
    )
    .order_by(DraftPresenceRow.operator)
)


def record_presence(conn: Connection, key: str, operator: str, node: str | None) -> list[PresentOperator]:
    """Record that somebody has a rule open, and return who else has, with or without a draft of it."""
    RECORD_PRESENCE.run(conn, key=key, operator=operator, node=node)
    return [PresentOperator(*row) for row in OTHERS_PRESENT.rows(conn, key=key, operator=operator)]


def rename_presence(conn: Connection, key: str, new_key: str) -> None:
    """Let those who have a rule open follow it to its new key."""
    with session(conn) as orm:
        orm.execute(delete_from(DraftPresenceRow).where(DraftPresenceRow.key == new_key))
        orm.execute(update(DraftPresenceRow).where(DraftPresenceRow.key == key).values(key=new_key))
