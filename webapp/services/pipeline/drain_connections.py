"""Where a drain works: one connection for its transactions, one for the marks that must outlive them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from webapp.config import Settings
from webapp.store.system.connection import Connection, connect, open_connection


@dataclass(frozen=True, slots=True)
class Desk:
    """`conn` holds the shard's lock; `side` commits each statement at once."""

    settings: Settings
    conn: Connection
    side: Connection


@contextmanager
def sit_down(settings: Settings) -> Iterator[Desk]:
    """Open both connections and close them again."""
    with connect(settings.database_url) as conn:
        side = open_connection(settings.database_url)
        try:
            side.autocommit = True
            yield Desk(settings, conn, side)
        finally:
            side.close()
