"""When time alone will next change a player, from the state alone."""

from engine.scoring.rulebook.rulebook import Rulebook
from engine.scoring.state.calendar import day_starts_at, first_day
from engine.scoring.state.generations import is_stale
from engine.scoring.state.memory import State
from engine.scoring.streaks import next_period_at_risk


def due_at(state: State, book: Rulebook) -> int | None:
    """The next moment at which time alone changes the player: a quiet transition, or a freeze taken at midnight.

    An entry of this very moment makes the change. It may lie in the past, where a late entry has moved things.
    """
    moments = [_quiet_at(state, book)]
    for key, record in state.get("streaks", {}).items():
        streak = book.streaks.get(key)
        missed = None if streak is None or is_stale(state, streak) else next_period_at_risk(record)
        if streak is not None and missed is not None:
            moments.append(day_starts_at(first_day(missed + 1, streak.every), book.zone(state.get("tz"))))
    return min((each for each in moments if each is not None), default=None)


def _quiet_at(state: State, book: Rulebook) -> int | None:
    last = state.get("last")
    if book.lifecycle is None or last is None:
        return None
    move = book.lifecycle.next_inactivity_move(book.lifecycle.state_of(state))
    return None if move is None else last + (move.after or 0) + 1
