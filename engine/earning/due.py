"""When time alone will next change a player, from the state alone."""

from engine.earning.calendar import DAY, first_day, starts_at
from engine.earning.rulebook import Rulebook
from engine.earning.state import State


def due_at(state: State, book: Rulebook) -> int | None:
    """The next moment at which time alone changes the player: a quiet transition, or a freeze taken at midnight."""
    moments: list[int] = []
    life, last = state.get("life"), state.get("last")
    if book.lifecycle is not None and life is not None and last is not None:
        moments.extend(last + (move.after or DAY) for move in book.lifecycle.quiet(life[0]))
    for key, record in state.get("streaks", {}).items():
        streak = book.streaks.get(key)
        if streak is not None and record["runs"] and record["freezes"] > 0:
            after_missed = first_day(record["runs"][-1][1] + 2, streak.every)
            moments.append(starts_at(after_missed, book.zone(state.get("tz"))))
    return min(moments, default=None)
