"""Submissions: exactly which content was sent for approval, with which comment, and what was decided."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Update, bindparam, exists, func, select, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import aliased

from engine.authoring.tree.nodes import Tree
from webapp.models import DraftRow, SubmissionRow
from webapp.store.rules.drafts import Draft
from webapp.store.system.compiled_statements import CompiledStatement
from webapp.store.system.connection import Connection
from webapp.store.system.orm import record_columns, session


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


SUBMISSION = record_columns(SubmissionRow, Submission)
_is_withdrawn = SubmissionRow.decision.is_not_distinct_from("withdrawn")


def send(conn: Connection, draft: Draft, *, comment: str, past: str, by: str) -> int:
    """Send what a draft says for approval and return the submission's id; an earlier open one is withdrawn."""
    sent = SubmissionRow(
        key=draft.key,
        base_version=draft.base_version,
        **draft.content._asdict(),
        comment=comment,
        past=past,
        sent_by=by,
    )
    with session(conn) as orm:
        orm.execute(_withdrawal(draft.key, by))
        orm.add(sent)
    return sent.id


# The editor's page shows it after each edit.
LAST = CompiledStatement(
    select(*SUBMISSION)
    .where(SubmissionRow.key == bindparam("key"), ~_is_withdrawn)
    .order_by(SubmissionRow.id.desc())
    .limit(1)
)


def last(conn: Connection, key: str) -> Submission | None:
    """The last submission of a rule that was not withdrawn, decided or not."""
    row = LAST.first(conn, key=key)
    return None if row is None else Submission(*row)


def waiting(conn: Connection) -> list[Submission]:
    """Every submission that waits for approval, oldest first."""
    undecided = select(*SUBMISSION).where(SubmissionRow.decision.is_(None)).order_by(SubmissionRow.id)
    with session(conn) as orm:
        return [Submission(*row) for row in orm.execute(undecided)]


def returned_to(conn: Connection, by: str) -> list[Submission]:
    """What was returned to this person, if its draft still exists and was not sent again; oldest first."""
    newest_by_rule = (
        select(SubmissionRow)
        .ext(distinct_on(SubmissionRow.key))
        .where(~_is_withdrawn)
        .order_by(SubmissionRow.key, SubmissionRow.id.desc())
        .subquery()
    )
    newest = aliased(SubmissionRow, newest_by_rule)
    returned = (
        select(*record_columns(newest, Submission))
        .where(newest.decision == "returned", newest.sent_by == by, exists().where(DraftRow.key == newest.key))
        .order_by(newest.id)
    )
    with session(conn) as orm:
        return [Submission(*row) for row in orm.execute(returned)]


def decide(conn: Connection, submission_id: int, decision: str, by: str, reply: str = "") -> bool:
    """Decide an open submission; False if it was decided already."""
    decided = (
        update(SubmissionRow)
        .where(SubmissionRow.id == submission_id, SubmissionRow.decision.is_(None))
        .values(decision=decision, decided_by=by, decided_at=func.clock_timestamp(), reply=reply)
        .returning(SubmissionRow.id)
    )
    with session(conn) as orm:
        return orm.scalar(decided) is not None


def withdraw(conn: Connection, key: str, by: str) -> None:
    """Withdraw the open submission of a rule, if there is one."""
    with session(conn) as orm:
        orm.execute(_withdrawal(key, by))


def _withdrawal(key: str, by: str) -> Update:
    return (
        update(SubmissionRow)
        .where(SubmissionRow.key == key, SubmissionRow.decision.is_(None))
        .values(decision="withdrawn", decided_by=by, decided_at=func.clock_timestamp())
    )


def rename(conn: Connection, key: str, new: str) -> None:
    """Move submissions along when their rule gets another key."""
    with session(conn) as orm:
        orm.execute(update(SubmissionRow).where(SubmissionRow.key == key).values(key=new))
