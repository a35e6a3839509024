"""When time alone will next change a player, from the state alone."""

from engine.scoring.rulebook.rulebook import Rulebook
from engine.scoring.state.calendar import day_starts_at, first_day
from engine.scoring.state.generations import is_stale
from engine.scoring.state.memory import State
from engine.scoring.streaks import next_period_at_risk


def due_at(state: State, book: Rulebook) -> int | None:
    """The next moment at which time alone changes the player: a move by inactivity, or a freeze used at midnight.

    An entry at this very moment makes the change. The moment may be in the past, after a late entry.
    """
    moments = [_inactivity_due_at(state, book)]
    zone = book.zone(state.get("tz"))
    for key, record in state.get("streaks", {}).items():
        streak = book.streaks.get(key)
        if streak is None or is_stale(state, streak):
            continue
        period = next_period_at_risk(record)
        if period is not None:
            moments.append(day_starts_at(first_day(period + 1, streak.every), zone))
    return min((moment for moment in moments if moment is not None), default=None)


def _inactivity_due_at(state: State, book: Rulebook) -> int | None:
    last_activity = state.get("last")
    if book.lifecycle is None or last_activity is None:
        return None
    move = book.lifecycle.next_inactivity_move(book.lifecycle.state_of(state))
    # One microsecond later: a player is inactive once the time is over, not when it is just reached.
    return None if move is None else last_activity + (move.after or 0) + 1
