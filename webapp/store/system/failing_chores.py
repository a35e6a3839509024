"""Which chores of the beat fail at present, for the pages and `laurel status`; the leading beat writes it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from webapp.store.system import settings
from webapp.store.system.connection import Connection

KEY = "failing_chores"
ERROR_LENGTH_MAX = 500


@dataclass(frozen=True, slots=True)
class FailingChore:
    """A chore that has failed at each try since a moment, and its last error on one line."""

    name: str
    since: datetime
    failures: int
    error: str


def failing_chores(conn: Connection) -> list[FailingChore]:
    """The chores that fail at present, the longest-failing first; as the beat last wrote it."""
    stored = settings.read(conn, KEY) or []
    return [FailingChore(**chore | {"since": datetime.fromisoformat(chore["since"])}) for chore in stored]


def write_failing_chores(conn: Connection, chores: Sequence[FailingChore]) -> None:
    """Replace the list."""
    ordered = sorted(chores, key=lambda chore: chore.since)
    settings.write(conn, KEY, value=[asdict(chore) | {"since": chore.since.isoformat()} for chore in ordered])
