"""Settings of the installation."""

from typing import Annotated, Any

from sqlalchemy import Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from webapp.models.base import Base

Key = Annotated[str, mapped_column(Text, primary_key=True)]


class SettingRow(Base):
    """One setting: any JSON value under its key."""

    __tablename__ = "setting"

    key: Mapped[Key]
    value: Mapped[Any] = mapped_column(JSONB)
