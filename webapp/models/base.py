"""What every table's class is made from: plain SQLAlchemy, so that workers and commands need no Flask."""

from datetime import datetime
from typing import Annotated, Any

from sqlalchemy import DateTime, Identity, Integer, LargeBinary, SmallInteger, Text, func
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, mapped_column, registry

Moment = Annotated[datetime, mapped_column(DateTime(timezone=True))]
MadeAt = Annotated[datetime, mapped_column(DateTime(timezone=True), server_default=func.clock_timestamp())]
Small = Annotated[int, mapped_column(SmallInteger)]
Number = Annotated[int, mapped_column(Integer)]
Counted = Annotated[int, mapped_column(Identity(always=True), primary_key=True)]


class Base(DeclarativeBase):
    """Describes tables that the migrations have made; it never makes one. A test compares the two."""

    registry = registry(
        type_annotation_map={
            str: Text,
            bytes: LargeBinary,
            dict[str, Any]: JSONB(none_as_null=True),
            list[str]: ARRAY(Text),
        }
    )
