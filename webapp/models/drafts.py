"""Drafts and what leads from one to a live rule: steps, who is there, test cases, submissions, pictures."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from sqlalchemy import BigInteger, DateTime, Dialect, ForeignKey, Integer, Text, TypeDecorator
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from engine.authoring.tree.nodes import Tree, from_json, to_json
from webapp.models.base import Base, Counted, MadeAt, Number


class TreeColumn(TypeDecorator[Tree]):
    """A condition tree, stored as the JSON that `to_json` writes."""

    impl = JSONB
    cache_ok = True

    def process_bind_param(self, value: Tree | None, dialect: Dialect) -> dict[str, Any] | None:  # noqa: ARG002
        """The tree as JSON."""
        return None if value is None else to_json(value)

    def process_result_value(self, value: Mapping[str, Any] | None, dialect: Dialect) -> Tree | None:  # noqa: ARG002
        """The tree that was stored."""
        return None if value is None else from_json(value)


OfDraft = Annotated[int, mapped_column(BigInteger, ForeignKey("draft.id"), primary_key=True)]
Name = Annotated[str, mapped_column(Text, primary_key=True)]
StoredTree = Annotated[Tree, mapped_column(TreeColumn)]


class DraftStepRow(Base):
    """What a draft said after one step. Nothing moves backwards: taking a step back is a step, too.

    `revision` is that of the draft after it, `reverses` the step that it took back, null for an edit.
    """

    __tablename__ = "draft_step"

    draft: Mapped[OfDraft]
    step: Mapped[int] = mapped_column(Integer, primary_key=True)
    document: Mapped[dict[str, Any]]
    tree: Mapped[StoredTree]
    hash: Mapped[bytes]
    label: Mapped[str]
    merge_key: Mapped[str | None]
    revision: Mapped[Number] = mapped_column(server_default="0")
    reverses: Mapped[int | None] = mapped_column(Integer)
    created_by: Mapped[str]
    created_at: Mapped[MadeAt]


class DraftRow(Base):
    """A rule as somebody edits it; a key has one draft at most."""

    __tablename__ = "draft"

    id: Mapped[Counted] = mapped_column(BigInteger)
    key: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    document: Mapped[dict[str, Any]]
    tree: Mapped[StoredTree]
    hash: Mapped[bytes]
    base_version: Mapped[int | None] = mapped_column(Integer)
    step: Mapped[Number] = mapped_column(server_default="0")
    revision: Mapped[Number] = mapped_column(server_default="0")
    created_by: Mapped[str]
    created_at: Mapped[MadeAt]
    updated_by: Mapped[str]
    updated_at: Mapped[MadeAt]


class DraftPresenceRow(Base):
    """Somebody who has a rule open in the editor, where it may not have a draft yet, and the row in which they are."""

    __tablename__ = "draft_presence"

    key: Mapped[Name]
    operator: Mapped[Name]
    node: Mapped[str | None]
    seen_at: Mapped[MadeAt]


class TestCaseRow(Base):
    """A test case of a rule, and what the rule said to it last."""

    __test__ = False  # its name begins like a test's
    __tablename__ = "test_case"

    id: Mapped[Counted] = mapped_column(BigInteger)
    key: Mapped[str]
    name: Mapped[str]
    given: Mapped[dict[str, Any]]
    expected: Mapped[bool]
    verdict: Mapped[bool | None]
    detail: Mapped[str | None]
    judged_hash: Mapped[bytes | None]
    created_by: Mapped[str]
    created_at: Mapped[MadeAt]


class SubmissionRow(Base):
    """Content that was sent for approval, and what was decided."""

    __tablename__ = "submission"

    id: Mapped[Counted] = mapped_column(BigInteger)
    key: Mapped[str]
    base_version: Mapped[int | None] = mapped_column(Integer)
    hash: Mapped[bytes]
    document: Mapped[dict[str, Any]]
    tree: Mapped[StoredTree]
    comment: Mapped[str]
    past: Mapped[str]
    sent_by: Mapped[str]
    sent_at: Mapped[MadeAt]
    decision: Mapped[str | None]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    reply: Mapped[str | None]


class BadgePictureRow(Base):
    """A picture that somebody uploaded for a badge; its id is the hash of its content."""

    __tablename__ = "badge_picture"

    id: Mapped[Name]
    kind: Mapped[str]
    body: Mapped[bytes]
    created_by: Mapped[str]
    created_at: Mapped[MadeAt]
