"""The house's rule about approval: whether somebody else has to look at a rule before it goes live."""

from webapp.store.system import settings
from webapp.store.system.connection import Connection

KEY = "four_eyes"


def is_on(conn: Connection) -> bool:
    """Whether what one person sent has to be approved by another; it has unless an admin switched that off."""
    value = settings.read(conn, KEY)
    return True if value is None else bool(value)


def switch(conn: Connection, *, on: bool) -> None:
    """Ask for a second person from now on, or no longer."""
    settings.write(conn, KEY, value=on)
