"""Settings of the installation, and messages owed to servers outside."""

from datetime import datetime
from typing import Annotated, Any

from sqlalchemy import BigInteger, DateTime, Text, text
from sqlalchemy.dialects.postgresql import JSONB, UUID
from sqlalchemy.orm import Mapped, mapped_column

from webapp.models.base import Base, MadeAt, Number

Key = Annotated[str, mapped_column(Text, primary_key=True)]


class SettingRow(Base):
    """One setting: any JSON value under its key."""

    __tablename__ = "setting"

    key: Mapped[Key]
    value: Mapped[Any] = mapped_column(JSONB)


class WebhookDeliveryRow(Base):
    """A message to a server outside; `redemption` is the one it is about, null where `content` says everything."""

    __tablename__ = "webhook_delivery"

    id: Mapped[str] = mapped_column(UUID(as_uuid=False), primary_key=True, server_default=text("gen_random_uuid()"))
    kind: Mapped[str]
    redemption: Mapped[int | None] = mapped_column(BigInteger)
    signer: Mapped[str]
    url: Mapped[str]
    content: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    status: Mapped[str] = mapped_column(server_default="waiting")
    attempts: Mapped[Number] = mapped_column(server_default="0")
    next_at: Mapped[MadeAt]
    answer: Mapped[str | None]
    created_at: Mapped[MadeAt]
    closed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
