"""The settings of an installation: small JSON values by key, kept in one table."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from webapp.models import SettingRow
from webapp.store.system.connection import Connection
from webapp.store.system.orm import session


def read(conn: Connection, key: str) -> Any:
    """The value under a key; None if there is none."""
    with session(conn) as orm:
        return orm.scalar(select(SettingRow.value).where(SettingRow.key == key))


def read_locked(conn: Connection, key: str, *, skip_locked: bool = False) -> Any:
    """The same, locked until the transaction ends; with `skip_locked` also None if somebody else holds the lock."""
    query = select(SettingRow.value).where(SettingRow.key == key).with_for_update(skip_locked=skip_locked)
    with session(conn) as orm:
        return orm.scalar(query)


def write(conn: Connection, key: str, *, value: Any) -> None:
    """Set the value under a key; the caller commits."""
    written = insert(SettingRow).values(key=key, value=value)
    replaced = written.on_conflict_do_update(index_elements=[SettingRow.key], set_={"value": written.excluded.value})
    with session(conn) as orm:
        orm.execute(replaced)


def merge(conn: Connection, key: str, changes: dict[str, Any]) -> None:
    """Change some members of the object under a key and keep the others; the caller commits."""
    written = insert(SettingRow).values(key=key, value=changes)
    merged = SettingRow.value.op("||")(written.excluded.value)
    with session(conn) as orm:
        orm.execute(written.on_conflict_do_update(index_elements=[SettingRow.key], set_={"value": merged}))
