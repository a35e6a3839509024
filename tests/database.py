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
MIGRATED = "migrated"  # the state that the migrations left

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
        self._states: set[str] = set()

    def renew(self) -> None:
        """Bring it back to what the migrations left, ending whoever is still busy in it."""
        if not self._restore(MIGRATED):
            self._create()

    def save(self, state: str) -> None:
        """Keep every row and sequence as they are now, under a name, for `restore`."""
        assert self._conn
        assert _read_schema(self._conn) == self._schema, "a state is rows alone"
        self._define(self._conn, state)

    def restore(self, state: str) -> bool:
        """Bring it back to a saved state; false where that is not known, or no longer since the schema was changed."""
        return state in self._states and self._restore(state)

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
        self._conn.execute(
            "SET lock_timeout = '5s'; SET client_min_messages = warning; SET session_replication_role = replica"
        )
        self._states.clear()
        self._define(self._conn, MIGRATED)

    def _define(self, conn: psycopg.Connection[Any], state: str) -> None:
        """Copy all rows into temporary tables, and define one function that empties every table and fills it again."""
        tables = [name for (name,) in conn.execute(TABLES)]
        filled = [
            name for name in tables if conn.execute(_format("SELECT EXISTS (TABLE {})", name)).fetchone() == (True,)
        ]
        for name in filled:
            conn.execute(_format("CREATE TEMP TABLE {} AS TABLE {}", f"{state}_{name}", name))
        sequences = [(name, *_position(conn, name)) for (name,) in conn.execute(SEQUENCES).fetchall()]
        fills = [_fill(name, f"{state}_{name}") for name in filled]
        statements = [*map(_empty, tables), *fills, *starmap(_rewind, sequences)]
        body = sql.Composed([sql.SQL("BEGIN\n"), *statements, sql.SQL("END")]).as_string()
        create = sql.SQL("CREATE FUNCTION {} RETURNS void LANGUAGE plpgsql AS {}")
        conn.execute(create.format(_function(state), sql.Literal(body)))
        self._schema = _read_schema(conn)
        self._states.add(state)

    def _restore(self, state: str) -> bool:
        """Call that function; false where there is no database yet, its schema was changed, or a lock is held."""
        if not self._conn:
            return False
        try:
            self._conn.execute(END_BUSY_SESSIONS)
            if _read_schema(self._conn) != self._schema:
                return False
            self._conn.execute(sql.SQL("SELECT {}").format(_function(state)))
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


def _fill(table: str, copy: str) -> sql.Composed:
    return _format("INSERT INTO {} OVERRIDING SYSTEM VALUE TABLE {};\n", table, copy)


def _function(state: str) -> sql.Composed:
    return sql.SQL("{}()").format(sql.Identifier("pg_temp", f"restore_{state}"))


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
