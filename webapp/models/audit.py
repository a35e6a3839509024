"""The audit log."""

from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from webapp.models.base import Base, Counted, MadeAt


class AuditRow(Base):
    """One thing that somebody did; rows are only ever added."""

    __tablename__ = "audit_entry"

    id: Mapped[Counted] = mapped_column(BigInteger)
    at: Mapped[MadeAt]
    actor: Mapped[str]
    action: Mapped[str]
    subject: Mapped[str]
    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any] | None]
