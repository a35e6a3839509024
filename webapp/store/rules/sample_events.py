"""Samples for trying a draft: real events of players who were not erased, with the history before them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.vocabulary.entry import SYSTEM_TYPE_PREFIX, Entry
from webapp.store.events.applied_entries import FIELDS, entry_of
from webapp.store.events.recorded_history import RULEBOOK, N, page_of_player
from webapp.store.system.connection import Connection

SEARCHED_ENTRIES = 2_000  # the newest entries are searched for events of certain types


@dataclass(frozen=True, slots=True)
class RecentEvent:
    """One event in a list to choose from."""

    seq: int
    type: str
    event_id: str
    player: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class AppliedEntry:
    """One entry of history with its n, the rulebook it was applied under, and its player's id."""

    entry: Entry
    rulebook: int
    player: str


RECENT = """
SELECT e.seq, e.type, e.event_id, p.id, e.occurred_at
FROM (SELECT * FROM entry ORDER BY received_on DESC, seq DESC LIMIT %s) e
JOIN player p ON p.number = e.player JOIN applied a ON a.seq = e.seq
WHERE p.id IS NOT NULL AND e.type NOT LIKE %s AND ('*' = ANY(%s::text[]) OR e.type = ANY(%s::text[]))
ORDER BY e.received_on DESC, e.seq DESC LIMIT %s
"""


def recent_events(conn: Connection, types: Sequence[str], limit: int) -> list[RecentEvent]:
    """The newest applied events of these types (`*` for all), newest first."""
    type_list = list(types)
    rows = conn.execute(RECENT, (SEARCHED_ENTRIES, f"{SYSTEM_TYPE_PREFIX}%", type_list, type_list, limit))
    return [RecentEvent(*row) for row in rows]


APPLIED = f"""
SELECT {FIELDS}, ap.n, ap.rulebook, p.id FROM applied ap
JOIN entry e ON e.received_on = ap.received_on AND e.seq = ap.seq
JOIN app a ON a.id = e.app_id JOIN player p ON p.number = e.player
WHERE ap.seq = %s AND p.id IS NOT NULL
"""


def applied_entry(conn: Connection, seq: int) -> AppliedEntry | None:
    """One applied entry by its number in the log; None if there is none, or its player was erased."""
    row = conn.execute(APPLIED, (seq,), binary=True).fetchone()
    return None if row is None else AppliedEntry(entry_of(row, row[N]), row[RULEBOOK], row[-1])


def history(conn: Connection, player: int, until: int, limit: int) -> list[tuple[Entry, int]] | None:
    """A player's entries up to an n with the rulebook of each, by n; None if there are more than `limit`."""
    rows: list[Any] = page_of_player(conn, player, 0, until, limit + 1)
    return None if len(rows) > limit else [(entry_of(row, row[N]), row[RULEBOOK]) for row in rows]
