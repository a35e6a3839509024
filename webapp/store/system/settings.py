"""The settings of an installation: small JSON values by key, kept in one table."""

from typing import Any

from psycopg.types.json import Jsonb

from webapp.store.system.connection import Connection


def read(conn: Connection, key: str) -> Any:
    """The value under a key; None where there is none."""
    row = conn.execute("SELECT value FROM setting WHERE key = %s", (key,)).fetchone()
    return None if row is None else row[0]


def read_locked(conn: Connection, key: str, *, skip_locked: bool = False) -> Any:
    """The same, locked until the transaction ends; None too where another holds it and it is to be skipped."""
    ending = " SKIP LOCKED" if skip_locked else ""
    row = conn.execute(f"SELECT value FROM setting WHERE key = %s FOR UPDATE{ending}", (key,)).fetchone()
    return None if row is None else row[0]


def write(conn: Connection, key: str, *, value: Any) -> None:
    """Set the value under a key; the caller commits."""
    conn.execute(
        "INSERT INTO setting (key, value) VALUES (%s, %s) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        (key, Jsonb(value)),
    )


def merge(conn: Connection, key: str, changes: dict[str, Any]) -> None:
    """Change some members of the object under a key and leave the others; the caller commits."""
    conn.execute(
        "INSERT INTO setting (key, value) VALUES (%s, %s)"
        " ON CONFLICT (key) DO UPDATE SET value = setting.value || excluded.value",
        (key, Jsonb(changes)),
    )
