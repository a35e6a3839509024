"""The database of the tests: before each one it is as the migrations left it.

It is emptied and seeded again, which takes milliseconds where DROP and CREATE DATABASE take hundreds. Only where a test
changed the schema is it created anew: the catalogue shows that, as each row carries the transaction that wrote it.
"""

from itertools import starmap
from typing import Any

import psycopg
from psycopg import sql

from webapp.supervisor import postgres

DATABASE, TEMPLATE = "laurel_test", "laurel_template"

# DELETE is quicker than TRUNCATE, which creates new files; but it does not shrink a table, and autovacuum is off.
LARGE_BYTES = 128 * 1024
FIRST_OID_OF_USERS = 16_384
BY_OID = (
    "pg_class",
    "pg_proc",
    "pg_type",
    "pg_constraint",
    "pg_trigger",
    "pg_attrdef",
    "pg_rewrite",
    "pg_policy",
    "pg_statistic_ext",
)
BY_TABLE = {"pg_attribute": "attrelid", "pg_index": "indexrelid", "pg_inherits": "inhrelid", "pg_statistic": "starelid"}
WHOLE = ("pg_namespace", "pg_extension", "pg_default_acl", "pg_event_trigger", "pg_db_role_setting")

TABLES = """
SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY relname
"""
SEQUENCES = """
SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'S' ORDER BY relname
"""
# A pooled session that runs nothing and holds nothing stays open: opening one takes as long as emptying the database.
END_BUSY_SESSIONS = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity AS session
WHERE datname = current_database() AND pid <> pg_backend_pid()
  AND (state IS DISTINCT FROM 'idle' OR EXISTS (SELECT FROM pg_locks WHERE pg_locks.pid = session.pid))
"""


class Database:
    """The test database of one server. Both URLs are an administrator's; `server_url` leads to another database."""

    def __init__(self, server_url: str, url: str) -> None:
        self._server_url = server_url
        self._url = url
        self._conn: psycopg.Connection[Any] | None = None
        self._schema: Any = None

    def renew(self) -> None:
        """Bring it back to what the migrations left, ending whoever is still busy in it."""
        if not self._empty():
            self._create()

    def close(self) -> None:
        """Close the session that empties it."""
        if self._conn:
            self._conn.close()

    def _create(self) -> None:
        self.close()
        with psycopg.connect(self._server_url, autocommit=True) as admin:
            database, template, owner = map(sql.Identifier, (DATABASE, TEMPLATE, postgres.OWNER))
            admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(database))
            admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {}").format(database, template, owner))
        self._conn = psycopg.connect(self._url, autocommit=True)
        self._prepare(self._conn)
        self._schema = _read_schema(self._conn)

    def _prepare(self, conn: psycopg.Connection[Any]) -> None:
        """Save the seeded rows in temporary tables, and define one function that empties and seeds every table."""
        conn.execute(
            "SET lock_timeout = '5s'; SET client_min_messages = warning; SET session_replication_role = replica"
        )
        tables = [name for (name,) in conn.execute(TABLES)]
        seeded = [
            name for name in tables if conn.execute(_format("SELECT EXISTS (TABLE {})", name)).fetchone() == (True,)
        ]
        for name in seeded:
            conn.execute(_format("CREATE TEMP TABLE {} AS TABLE {}", f"seed_{name}", name))
        sequences = [(name, *_position(conn, name)) for (name,) in conn.execute(SEQUENCES).fetchall()]
        statements = [*map(_empty, tables), *map(_seed, seeded), *starmap(_rewind, sequences)]
        body = sql.Composed([sql.SQL("BEGIN\n"), *statements, sql.SQL("END")]).as_string()
        conn.execute(
            sql.SQL("CREATE FUNCTION pg_temp.empty_all() RETURNS void LANGUAGE plpgsql AS {}").format(sql.Literal(body))
        )

    def _empty(self) -> bool:
        """Empty and seed it; false where there is none yet, its schema was changed, or a lock could not be had."""
        if not self._conn:
            return False
        try:
            self._conn.execute(END_BUSY_SESSIONS)
            if _read_schema(self._conn) != self._schema:
                return False
            self._conn.execute("SELECT pg_temp.empty_all()")
            self._schema = _read_schema(self._conn)
        except psycopg.OperationalError:
            return False
        return True


def _read_schema(conn: psycopg.Connection[Any]) -> Any:
    return conn.execute(SCHEMA).fetchone()


def _format(statement: str, *names: str) -> sql.Composed:
    return sql.SQL(statement).format(*map(sql.Identifier, names))


def _position(conn: psycopg.Connection[Any], sequence: str) -> tuple[int, bool]:
    row = conn.execute(_format("SELECT last_value, is_called FROM {}", sequence)).fetchone()
    assert row
    return row


def _empty(table: str) -> sql.Composed:
    name = sql.Identifier(table)
    statement = "IF pg_table_size({}) > {} THEN TRUNCATE {} CASCADE; ELSE DELETE FROM {}; END IF;\n"
    return sql.SQL(statement).format(sql.Literal(table), sql.Literal(LARGE_BYTES), name, name)


def _seed(table: str) -> sql.Composed:
    return _format("INSERT INTO {} OVERRIDING SYSTEM VALUE TABLE {};\n", table, f"seed_{table}")


def _rewind(sequence: str, last_value: int, is_called: bool) -> sql.Composed:
    arguments = map(sql.Literal, (sequence, last_value, is_called))
    return sql.SQL("PERFORM setval({}, {}, {});\n").format(*arguments)


def _fingerprint(catalogue: str, column: str | None) -> str:
    """SQL for a fingerprint of one catalogue: how many rows it has, and the sum of the transactions that wrote them."""
    where = f" WHERE {column} >= {FIRST_OID_OF_USERS}" if column else ""
    return f"(SELECT ARRAY[count(*), coalesce(sum(xmin::text::bigint), 0)] FROM {catalogue}{where})"


SCHEMA = "SELECT " + ", ".join(
    _fingerprint(catalogue, column)
    for catalogue, column in (dict.fromkeys(BY_OID, "oid") | BY_TABLE | dict.fromkeys(WHOLE)).items()
)
