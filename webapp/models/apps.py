"""Apps that call the API, and their keys."""

from datetime import datetime

from sqlalchemy import BigInteger, DateTime, ForeignKey, Integer
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.models.base import Base, Counted, MadeAt


class AppRow(Base):
    """A source of events."""

    __tablename__ = "app"

    id: Mapped[Counted] = mapped_column(Integer)
    key: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    created_at: Mapped[MadeAt]


class ApiKeyRow(Base):
    """An API key as it is kept: by its hash."""

    __tablename__ = "api_key"

    id: Mapped[Counted] = mapped_column(BigInteger)
    app_id: Mapped[int] = mapped_column(Integer, ForeignKey("app.id"))
    name: Mapped[str]
    prefix: Mapped[str]
    secret_hash: Mapped[bytes] = mapped_column(unique=True)
    scopes: Mapped[list[str]]
    created_at: Mapped[MadeAt]
    last_used_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    revoked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    app: Mapped[AppRow] = relationship(lazy="joined", innerjoin=True)
