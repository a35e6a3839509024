"""A dry run of parked entries: each is folded as a replay would fold it, and nothing is written."""

import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from engine.scoring.fold import fold
from engine.scoring.rulebook.rulebook import Rulebook
from webapp.services.pipeline.fold_batch import gather
from webapp.store.events import parked_entries
from webapp.store.events.history import entry_of
from webapp.store.players import player_states
from webapp.store.rules import rulebooks
from webapp.store.system.connection import Connection


@dataclass(frozen=True, slots=True)
class Tried:
    """What a replay of one entry would come to now: its outcome, or the error that it still makes."""

    seq: int
    player: str | None
    event_id: str
    outcome: dict[str, Any] | None
    error: str


def dry_run(conn: Connection, seqs: Sequence[int]) -> list[Tried]:
    """Try parked entries, each by itself on its player as of now, by the rules that are live now."""
    book = rulebooks.live(conn)
    return [_tried(conn, book, row) for row in parked_entries.entries_of(conn, seqs)]


def _tried(conn: Connection, book: Rulebook, row: Sequence[Any]) -> Tried:
    *stored, player = row
    try:
        entry = entry_of(stored, 0)
        player_now = gather(conn, player_states.load(conn, [entry.player]), [entry], book)[entry.player]
        outcome = fold(player_now, entry, book)
    except Exception as error:  # noqa: BLE001  (what the drain would park is told instead)
        return Tried(stored[0], player, stored[3], None, _told(error))
    faults = "; ".join(f"{fault.rule}: {fault.message}" for fault in outcome.faults)
    return Tried(stored[0], player, stored[3], outcome.to_json(), faults)


def _told(error: Exception) -> str:
    return "".join(traceback.format_exception_only(error)).strip()[:500]
