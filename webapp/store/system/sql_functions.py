"""The SQL functions of the store: a `.sql` file each, beside the Python that calls it, created anew at upgrades."""

from pathlib import Path

from psycopg import sql

from webapp.store.system.connection import Connection

STORE = Path(__file__).parent.parent
RUN_TIME_ROLE = "laurel_app"


def function_files() -> dict[str, Path]:
    """The file of each function, by the function's name."""
    return {path.stem: path for path in sorted(STORE.rglob("*.sql"))}


def recreate_functions(conn: Connection) -> None:
    """Create every function as its file says, for the owner and the run-time role alone; the caller commits.

    One whose parameters or result have changed cannot be replaced in place, so what had its name is dropped first.
    Other sessions see the old functions until the commit.
    """
    for name, path in function_files().items():
        for signature in _signatures(conn, name):
            conn.execute(sql.SQL("DROP FUNCTION {}").format(sql.SQL(signature)))
        conn.execute(path.read_bytes())
        _let_only_laurel_call(conn, name)


def _signatures(conn: Connection, name: str) -> list[str]:
    """The functions of this name, spelled as SQL names them: `append_events(integer,bytea[],…)`."""
    rows = conn.execute(
        "SELECT oid::regprocedure::text FROM pg_proc WHERE proname = %s AND pronamespace = 'public'::regnamespace",
        (name,),
    )
    return [row[0] for row in rows]


def _let_only_laurel_call(conn: Connection, name: str) -> None:
    """Some run with the owner's rights, so no other role of the server may call them.

    Where Laurel runs under the owner's own role there is no other to grant to.
    """
    conn.execute(sql.SQL("REVOKE EXECUTE ON FUNCTION {} FROM PUBLIC").format(sql.Identifier(name)))
    if conn.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (RUN_TIME_ROLE,)).fetchone():
        words = sql.SQL("GRANT EXECUTE ON FUNCTION {} TO {}")
        conn.execute(words.format(sql.Identifier(name), sql.Identifier(RUN_TIME_ROLE)))
