"""Folding a shard's history again, from the first entry or a checkpoint, by n and with the recorded rulebooks."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from engine.scoring.fold import fold
from engine.scoring.rulebook.rulebook import Rulebook
from engine.scoring.state import player_state
from engine.scoring.state.memory import Memory, Player
from engine.vocabulary.entry import Entry
from engine.vocabulary.outcome import Outcome
from webapp.services.pipeline.apply_batch import FoldedShard, collect
from webapp.store.events.applied_entries import AppliedRows, decode_json, entry_of
from webapp.store.events.recorded_history import RULEBOOK, N
from webapp.store.players.checkpoints import Checkpoint
from webapp.store.rules.rulebooks import rulebook
from webapp.store.system.connection import Connection


@dataclass(slots=True)
class Refold:
    """Players as the log makes them; `versions` counts their entries, `rulebooks` are those of their last ones.

    `failures` are (player, n, error) of entries that could not be folded again.
    """

    checkpoints: dict[int, Checkpoint] = field(default_factory=dict)
    players: dict[int, Player] = field(default_factory=dict)
    versions: dict[int, int] = field(default_factory=dict)
    rulebooks: dict[int, int] = field(default_factory=dict)
    failures: list[tuple[int, int, str]] = field(default_factory=list)
    books: dict[int, Rulebook] = field(default_factory=dict)

    def player(self, number: int) -> Player:
        """The player so far; empty before the first entry."""
        if number not in self.players:
            self.players[number] = Player(number, {}, Memory())
        return self.players[number]

    def is_checkpointed(self, number: int, n: int) -> bool:
        """Whether a checkpoint of the player covers this n: what there was up to it is taken as given."""
        checkpoint = self.checkpoints.get(number)
        return checkpoint is not None and n <= checkpoint.n

    def take(self, conn: Connection, page: Iterable[Any]) -> AppliedRows:
        """Fold one page of history and return what follows from it; entries under a checkpoint are only counted."""
        folded = FoldedShard()
        for row in page:
            number, n = row[1], row[N]
            self.versions[number] = self.versions.get(number, 0) + 1
            self.rulebooks[number] = row[RULEBOOK]
            if not self.is_checkpointed(number, n):
                entry = entry_of(row, n)
                collect(folded, entry, self._fold(conn, entry, row[RULEBOOK]))
            elif n == self.checkpoints[number].n:
                self.players[number] = player_at(self.checkpoints[number])
        return folded.history

    def _fold(self, conn: Connection, entry: Entry, number: int) -> Outcome:
        try:
            if number not in self.books:
                self.books[number] = rulebook(conn, number)
            return fold(self.player(entry.player), entry, self.books[number], is_history=True)
        except Exception as error:  # noqa: BLE001  (what cannot be folded again is a difference, and is listed)
            self.failures.append((entry.player, entry.n, f"{type(error).__name__}: {error}"))
            return Outcome()


def player_at(checkpoint: Checkpoint) -> Player:
    """The player that a checkpoint holds."""
    stored = decode_json(checkpoint.memory) if checkpoint.memory else {"keys": [], "past": []}
    keys = [(name, bytes.fromhex(value)) for name, value in stored["keys"]]
    past = {(series, bucket): value for series, bucket, value in stored["past"]}
    memory = Memory(keys=set(keys), past=dict(past), added_keys=list(keys), changed_past=dict(past))
    return Player(checkpoint.player, player_state.decode(checkpoint.state), memory)


def keys_of(player: Player) -> set[tuple[str, bytes]]:
    """All keys that a refolded player should have."""
    return set(player.memory.added_keys)


def past_of(player: Player) -> dict[tuple[str, int], Any]:
    """All older counters that a refolded player should have."""
    return {place: value for place, value in player.memory.changed_past.items() if value is not None}
