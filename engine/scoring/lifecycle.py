"""The lifecycle of a player: states and the moves between them, authored as data."""

from dataclasses import dataclass
from typing import Any

from engine.documents.typed_documents import Lifecycle as Document
from engine.language.compile import Compiled
from engine.scoring.rulebook.compiled_rules import condition_of
from engine.scoring.state.calendar import DAY
from engine.scoring.state.memory import State


@dataclass(frozen=True, slots=True)
class Move:
    """One arrow: by inactivity (`after`, µs since the newest event), or by an event on which a condition holds."""

    sources: tuple[str, ...]
    target: str
    after: int | None
    events: tuple[str, ...]
    condition: Compiled | None


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """All states of players and how they are left; moves go in the order in which they were written."""

    key: str
    version: int
    initial: str
    states: frozenset[str]
    moves: tuple[Move, ...]

    def state_of(self, state: State) -> str:
        """The state that a player is in: the first one where it is in none yet, or in one that is no more."""
        life = state.get("life")
        return life[0] if life and life[0] in self.states else self.initial

    def quiet(self, state: str) -> Move | None:
        """The move that inactivity makes first from a state."""
        found = [move for move in self.moves if move.after is not None and state in move.sources]
        return min(found, key=lambda move: move.after or 0, default=None)

    def on_event(self, state: str, event_type: str) -> list[Move]:
        """The moves that an event of this type may make from a state."""
        return [
            move
            for move in self.moves
            if move.after is None and state in move.sources and ("*" in move.events or event_type in move.events)
        ]


def lifecycle_of(raw: dict[str, Any], version: int) -> Lifecycle:
    """Make a lifecycle ready to run."""
    document = Document(raw)
    moves = tuple(_move(document, each) for each in raw["transitions"])
    return Lifecycle(raw["key"], version, document.initial, frozenset(document.states), moves)


def _move(document: Document, raw: dict[str, Any]) -> Move:
    days = raw.get("after_days_inactive")
    events = (raw.get("trigger") or {}).get("events") or ["*"]
    after = None if days is None else days * DAY
    condition = condition_of(raw.get("condition"))
    return Move(tuple(document.sources(raw)), raw["to"], after, tuple(events), condition)
