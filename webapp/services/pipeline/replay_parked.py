"""Replaying what was parked: a new entry with the old one's content at its own n; or a dry run that writes nothing."""

import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from engine.scoring.fold import fold
from engine.scoring.rulebook.rulebook import Rulebook
from webapp.config import Settings
from webapp.queue import wakeups
from webapp.services.pipeline.apply_batch import load_players
from webapp.store.events import parked_entries
from webapp.store.events.applied_entries import entry_of
from webapp.store.people import audit
from webapp.store.players import player_states
from webapp.store.rules import rulebooks
from webapp.store.system.connection import Connection, connect


def replay(settings: Settings, seq: int, by: str) -> bool:
    """Queue a parked entry again; false where it was replayed before, or its player was erased."""
    with connect(settings.database_url) as conn:
        shard = parked_entries.replay(conn, seq)
        if shard is None:
            return False
        audit.note(conn, by, "parked.replay", f"entry:{seq}")
        conn.commit()
    wakeups.hint(settings, [shard])
    return True


@dataclass(frozen=True, slots=True)
class DryRun:
    """The result of replaying one entry now: its outcome, or the error that it still raises."""

    seq: int
    player: str | None
    event_id: str
    outcome: dict[str, Any] | None
    error: str


def dry_run(conn: Connection, seqs: Sequence[int]) -> list[DryRun]:
    """Fold parked entries, each by itself on its player as of now, by the rules that are live now; writes nothing."""
    book = rulebooks.live(conn)
    return [_dry_run(conn, book, row) for row in parked_entries.entries_to_replay(conn, seqs)]


def _dry_run(conn: Connection, book: Rulebook, row: Sequence[Any]) -> DryRun:
    *stored, player = row
    try:
        entry = entry_of(stored, 0)
        current = load_players(conn, player_states.load(conn, [entry.player]), [entry], book)[entry.player]
        outcome = fold(current, entry, book)
    except Exception as error:  # noqa: BLE001  (what the drain would park for is shown instead)
        return DryRun(stored[0], player, stored[3], None, _one_line(error))
    faults = "; ".join(f"{fault.rule}: {fault.message}" for fault in outcome.faults)
    return DryRun(stored[0], player, stored[3], outcome.to_json(), faults)


def _one_line(error: Exception) -> str:
    return "".join(traceback.format_exception_only(error)).strip()[:500]
