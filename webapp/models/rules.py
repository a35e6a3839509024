"""Rules, their versions, what is told of these, and those that wait for a date."""

from datetime import datetime
from typing import Annotated, Any

from sqlalchemy import BigInteger, DateTime, ForeignKey, ForeignKeyConstraint, Integer, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from webapp.models.base import Base, Counted, MadeAt, Moment, Number

Name = Annotated[str, mapped_column(Text, primary_key=True)]


def _version() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["key", "version"], ["rule_version.key", "rule_version.version"])


class RuleRow(Base):
    """A rule by its key, and where it stands."""

    __tablename__ = "rule"

    key: Mapped[Name]
    kind: Mapped[str]
    name: Mapped[str]
    status: Mapped[str]
    live_version: Mapped[int | None] = mapped_column(Integer)
    latest_version: Mapped[Number]
    created_at: Mapped[MadeAt]
    updated_at: Mapped[MadeAt]
    updated_by: Mapped[str]


class RuleVersionRow(Base):
    """What a rule said once and for ever."""

    __tablename__ = "rule_version"

    id: Mapped[Counted] = mapped_column(BigInteger)
    key: Mapped[str] = mapped_column(Text, ForeignKey("rule.key"))
    version: Mapped[Number]
    document: Mapped[dict[str, Any]]
    hash: Mapped[bytes]
    created_by: Mapped[str]
    created_at: Mapped[MadeAt]


class VersionNoteRow(Base):
    """Why a version came and by whom; `tree` is what it was made of."""

    __tablename__ = "version_note"
    __table_args__ = (_version(),)

    key: Mapped[Name]
    version: Mapped[int] = mapped_column(Integer, primary_key=True)
    tree: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    comment: Mapped[str]
    sent_by: Mapped[str]
    approved_by: Mapped[str]
    noted_at: Mapped[MadeAt]


class ScheduledPublicationRow(Base):
    """A version that takes over from the live one on a date."""

    __tablename__ = "scheduled_publication"
    __table_args__ = (_version(),)

    id: Mapped[Counted] = mapped_column(BigInteger)
    key: Mapped[str]
    version: Mapped[Number]
    base_version: Mapped[Number]
    starts_at: Mapped[Moment]
    past: Mapped[str]
    approved_by: Mapped[str]
    approved_at: Mapped[MadeAt]
    status: Mapped[str] = mapped_column(server_default="waiting")
    tried_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    obstacle: Mapped[str | None]
    ended_by: Mapped[str | None]
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
