"""People who sign in: operators, their one-time links, their sessions."""

from datetime import datetime

from sqlalchemy import BigInteger, DateTime, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.models.base import Base, Counted, MadeAt, Moment


class OperatorRow(Base):
    """Somebody who may sign in."""

    __tablename__ = "operator"

    id: Mapped[Counted] = mapped_column(BigInteger)
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    role: Mapped[str]
    password_hash: Mapped[str | None]
    created_at: Mapped[MadeAt]
    disabled_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    sessions: Mapped[list["OperatorSessionRow"]] = relationship(back_populates="operator")


class SignInLinkRow(Base):
    """A link that lets one person in, once."""

    __tablename__ = "sign_in_link"

    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    operator_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("operator.id"))
    expires_at: Mapped[Moment]
    used_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class OperatorSessionRow(Base):
    """One signed-in browser."""

    __tablename__ = "operator_session"

    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    operator_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("operator.id"))
    created_at: Mapped[MadeAt]
    last_seen_at: Mapped[MadeAt]
    expires_at: Mapped[Moment]
    user_agent: Mapped[str] = mapped_column(server_default="")
    operator: Mapped[OperatorRow] = relationship(back_populates="sessions")
