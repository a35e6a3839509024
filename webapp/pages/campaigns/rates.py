"""What happened in games in the last minute: winners, plays, the share that won, and how long outcomes took.

All figures are of the same plays: those received in the last sixty seconds. So they never contradict each other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from webapp.store.campaigns import game_figures
from webapp.store.campaigns.game_figures import SecondOfPlays
from webapp.store.system.connection import Connection

SECONDS = 60


@dataclass(frozen=True, slots=True)
class Rates:
    """The plays of the last minute: how many, how many of them are decided and won, and how late their outcomes were.

    `waiting` plays, of any time, have no outcome yet, the oldest for `wait` seconds. Series are by the second.
    """

    plays: int
    decided: int
    wins: int
    decided_seconds: float
    waiting: int
    wait: float
    plays_series: tuple[int, ...]
    wins_series: tuple[int, ...]
    outcome_series: tuple[float, ...]

    @property
    def win_rate(self) -> float | None:
        """The share of decided plays that won, in per cent; None where none is decided."""
        return 100 * self.wins / self.decided if self.decided else None

    @property
    def outcome(self) -> float | None:
        """The mean time from a play to its outcome in ms; None where none is decided."""
        return 1000 * self.decided_seconds / self.decided if self.decided else None


def current_rates(conn: Connection, games: list[str], now: datetime) -> Rates:
    """The rates of these games."""
    waiting, wait = game_figures.waiting_plays(conn, games)
    return rates_of(game_figures.plays_by_second(conn, games, SECONDS), now, waiting, wait)


def rates_of(seconds: Sequence[SecondOfPlays], now: datetime, waiting: int, wait: float) -> Rates:
    """The rates of the last minute, from its plays by the second."""
    by_second = {second.at.replace(microsecond=0): second for second in seconds}
    newest = max([now.replace(microsecond=0), *by_second])
    series = [by_second.get(newest - timedelta(seconds=back)) for back in range(SECONDS - 1, -1, -1)]
    return Rates(
        plays=sum(second.plays for second in seconds),
        decided=sum(second.decided for second in seconds),
        wins=sum(second.wins for second in seconds),
        decided_seconds=sum(second.decided_seconds for second in seconds),
        waiting=waiting,
        wait=wait,
        plays_series=tuple(second.plays if second else 0 for second in series),
        wins_series=tuple(second.wins if second else 0 for second in series),
        outcome_series=tuple(_mean_outcome(second) for second in series),
    )


def _mean_outcome(second: SecondOfPlays | None) -> float:
    return 1000 * second.decided_seconds / second.decided if second and second.decided else 0.0
