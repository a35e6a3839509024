"""The last final window of a board: when it was closed, and who led it."""

from dataclasses import dataclass
from datetime import datetime

from engine.scoring.rulebook.leaderboard import CompiledLeaderboard
from webapp.store.players import leaderboard_standings
from webapp.store.system.connection import Connection

LEADERS = 3


@dataclass(frozen=True, slots=True)
class FinalWindow:
    """A final window and its first rows: rank, player, score; erased players are left out."""

    run: str
    finalised_at: datetime
    first: list[tuple[int, str, float]]


def last_final_window(conn: Connection, board: CompiledLeaderboard) -> FinalWindow | None:
    """The newest final window of a board; None where there is none, or nobody had a score in it."""
    runs = leaderboard_standings.final_runs(conn, board.key, 1)
    if not runs:
        return None
    rows = leaderboard_standings.final_page(conn, runs[0], "", 0, LEADERS)
    names = leaderboard_standings.ids_of(conn, [player for _, _, player, _ in rows])
    first = [(rank, names[player], score) for _, rank, player, score in rows if player in names]
    return FinalWindow(runs[0].run, runs[0].finalised_at, first) if first else None
