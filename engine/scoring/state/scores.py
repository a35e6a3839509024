"""The scores of a player in the runs of leaderboards: the newest in the state, older ones in the memory beside it.

`state.boards` is board → run's ordinal → [score, reached]; `state.closed` is board → newest run that left the state.
"""

from typing import Any

from engine.scoring.rulebook.leaderboard import CompiledLeaderboard
from engine.scoring.state.memory import Player, State


def read(player: Player, board: CompiledLeaderboard, period: int) -> list[Any] | None:
    """[score, reached] in the run with this ordinal; None where there is none."""
    score: list[Any] | None
    if is_missing(player.state, board, period):
        score = player.memory.past.get((board.retention.series, period))
    else:
        score = player.state.get("boards", {}).get(board.key, {}).get(str(period))
    return score


def put(player: Player, board: CompiledLeaderboard, period: int, score: Any, reached: int) -> None:
    """Set a score and the number of the entry that brought it; the newest runs stay in the state."""
    series, runs_kept = board.retention.series, board.retention.keep
    if is_missing(player.state, board, period):
        player.memory.put(series, period, [score, reached])
        return
    runs = player.state.setdefault("boards", {}).setdefault(board.key, {})
    runs[str(period)] = [score, reached]
    while len(runs) > runs_kept:
        oldest = min(map(int, runs))
        player.memory.put(series, oldest, runs.pop(str(oldest)))
        player.state.setdefault("closed", {})[board.key] = oldest


def is_missing(state: State, board: CompiledLeaderboard, period: int) -> bool:
    """Whether a run's score is outside the state, so that it must be loaded into the memory to be read."""
    newest_closed = state.get("closed", {}).get(board.key)
    return newest_closed is not None and period <= newest_closed


def periods_in_state(player: Player, board: CompiledLeaderboard) -> list[int]:
    """The ordinals of the runs that are in the state, oldest first."""
    return sorted(map(int, player.state.get("boards", {}).get(board.key, {})))
