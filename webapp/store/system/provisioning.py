"""Roles and the database of an embedded Postgres; the connection is a superuser's and commits by itself."""

from psycopg import sql

from webapp.store.system.connection import Connection


def ensure_role(conn: Connection, role: str, password: str) -> None:
    """Create a role that may log in, or reset its password."""
    exists = conn.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
    statement = "ALTER ROLE {} LOGIN PASSWORD {}" if exists else "CREATE ROLE {} LOGIN PASSWORD {}"
    conn.execute(sql.SQL(statement).format(sql.Identifier(role), sql.Literal(password)))


def ensure_database(conn: Connection, database: str, owner: str) -> None:
    """Create a database unless it exists."""
    if not conn.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone():
        statement = sql.SQL("CREATE DATABASE {} OWNER {}")
        conn.execute(statement.format(sql.Identifier(database), sql.Identifier(owner)))
