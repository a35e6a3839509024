"""The facts of a player as rules would read them at an entry, for explanations and dry runs."""

from collections.abc import Mapping
from typing import Any

from engine.scoring.evaluation_context import EvaluationContext
from engine.scoring.rulebook.rulebook import Rulebook
from engine.scoring.state.memory import Memory, Player, State
from engine.vocabulary.entry import Entry


def facts_at(state: State, entry: Entry, book: Rulebook, memory: Memory | None = None) -> Mapping[str, Any]:
    """Every fact by its full path, None for a missing one; worked out when read, nothing is changed."""
    return EvaluationContext(Player(entry.player, state, memory or Memory()), entry, book).facts
