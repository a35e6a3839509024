"""The house's rule about approval: whether somebody else has to look at a rule before it goes live."""

from webapp.store.system.connection import Connection

KEY = "four_eyes"


def is_on(conn: Connection) -> bool:
    """Whether what one person sent has to be approved by another; it has unless an admin switched that off."""
    row = conn.execute("SELECT value FROM setting WHERE key = %s", (KEY,)).fetchone()
    return True if row is None else bool(row[0])


def switch(conn: Connection, *, on: bool) -> None:
    """Ask for a second person from now on, or no longer."""
    conn.execute(
        "INSERT INTO setting (key, value) VALUES (%s, to_jsonb(%s)) ON CONFLICT (key) DO UPDATE SET"
        " value = excluded.value",
        (KEY, on),
    )
