"""The lifecycle of a player: states and the moves between them, authored as data."""

from dataclasses import dataclass

from engine.language.compile import CompiledLogic
from engine.scoring.state.memory import State


@dataclass(frozen=True, slots=True)
class LifecycleMove:
    """One arrow between states: caused by inactivity (`after`, µs since the newest event) or by an event.

    A move caused by an event also needs its condition to hold; `after` is None for it.
    """

    sources: tuple[str, ...]
    target: str
    after: int | None
    events: tuple[str, ...]
    condition: CompiledLogic | None


@dataclass(frozen=True, slots=True)
class CompiledLifecycle:
    """All states of players and the moves between them, in the order in which they were written."""

    key: str
    version: int
    initial: str
    states: frozenset[str]
    moves: tuple[LifecycleMove, ...]

    def state_of(self, state: State) -> str:
        """The lifecycle state of a player: the initial one if there is none yet, or one that no longer exists."""
        life = state.get("life")
        return life[0] if life and life[0] in self.states else self.initial

    def next_inactivity_move(self, state: str) -> LifecycleMove | None:
        """The move that inactivity causes first from a state."""
        moves = [move for move in self.moves if move.after is not None and state in move.sources]
        return min(moves, key=lambda move: move.after or 0, default=None)

    def event_moves(self, state: str, event_type: str) -> list[LifecycleMove]:
        """The moves that an event of this type may cause from a state."""
        return [
            move
            for move in self.moves
            if move.after is None and state in move.sources and ("*" in move.events or event_type in move.events)
        ]
