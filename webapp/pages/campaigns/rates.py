"""What happens in games at this moment: winners, plays, the share that wins, and how long outcomes take."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from webapp.store.campaigns import game_figures
from webapp.store.campaigns.game_figures import SecondOfPlays
from webapp.store.system.connection import Connection

SECONDS = 60
MINUTES, AVERAGED_MINUTES = 25, 5


@dataclass(frozen=True, slots=True)
class Rates:
    """Winners a minute, plays a second, the win rate in per cent, and how late outcomes are.

    `outcome` is the mean time from a play to its outcome in ms, None where nothing was decided in the last minute;
    `waiting` plays have no outcome yet, the oldest for `wait` seconds.
    """

    winners: float
    plays: float
    win_rate: float
    outcome: float | None
    waiting: int
    wait: float
    winners_series: tuple[int, ...]
    plays_series: tuple[int, ...]
    outcome_series: tuple[float, ...]


def current_rates(
    conn: Connection, games: list[str], now: datetime, winners_by_minute: Sequence[tuple[datetime, int]]
) -> Rates:
    """The rates of these games in the last minute, winners over the last five whole minutes."""
    by_second = {
        second.at.replace(microsecond=0): second for second in game_figures.plays_by_second(conn, games, SECONDS)
    }
    waiting, wait = game_figures.waiting_plays(conn, games)
    plays = sum(second.plays for second in by_second.values())
    wins = sum(second.wins for second in by_second.values())
    decided = sum(second.decided for second in by_second.values())
    decided_seconds = sum(second.decided_seconds for second in by_second.values())

    by_minute = dict(winners_by_minute)
    last_minutes = _last(now.replace(second=0, microsecond=0), MINUTES, timedelta(minutes=1))
    winners = tuple(by_minute.get(minute, 0) for minute in last_minutes)
    whole_minutes = winners[-AVERAGED_MINUTES - 1 : -1]  # the newest is not over yet
    seconds = [by_second.get(second) for second in _last(now.replace(microsecond=0), SECONDS, timedelta(seconds=1))]
    return Rates(
        winners=sum(whole_minutes) / len(whole_minutes),
        plays=plays / SECONDS,
        win_rate=100 * wins / plays if plays else 0.0,
        outcome=1000 * decided_seconds / decided if decided else None,
        waiting=waiting,
        wait=wait,
        winners_series=winners,
        plays_series=tuple(second.plays if second else 0 for second in seconds),
        outcome_series=tuple(_mean_outcome(second) for second in seconds),
    )


def _mean_outcome(second: SecondOfPlays | None) -> float:
    return 1000 * second.decided_seconds / second.decided if second and second.decided else 0.0


def _last(newest: datetime, count: int, step: timedelta) -> list[datetime]:
    return [newest - step * back for back in range(count - 1, -1, -1)]
