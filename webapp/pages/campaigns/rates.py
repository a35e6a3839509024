"""What happens in games at this moment: winners, plays, luck, and how long outcomes take."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from webapp.store.campaigns import game_figures
from webapp.store.system.connection import Connection

SECONDS = 60
MINUTES, MINUTES_MEANT = 25, 5


@dataclass(frozen=True, slots=True)
class Rates:
    """What happens now: winners a minute, plays a second, the share that wins, and how late outcomes are.

    `outcome` is the mean time from a play to its outcome in ms, None where nothing was decided in the last minute;
    `wait` is for how many seconds the oldest of the plays that are `waiting` waits.
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


def rates(conn: Connection, keys: list[str], now: datetime, minutes: Sequence[tuple[datetime, int]]) -> Rates:
    """Look at these games; `minutes` are the winners of each minute."""
    seconds = {each.at.replace(microsecond=0): each for each in game_figures.plays_by_second(conn, keys, SECONDS)}
    waiting, wait = game_figures.waiting_plays(conn, keys)
    sent, won = sum(each.plays for each in seconds.values()), sum(each.wins for each in seconds.values())
    decided, took = (
        sum(each.decided for each in seconds.values()),
        sum(each.decided_seconds for each in seconds.values()),
    )
    by_minute = dict(minutes)
    winners = tuple(by_minute.get(minute, 0) for minute in _last(now.replace(second=0, microsecond=0), MINUTES, 60))
    recent = winners[-MINUTES_MEANT - 1 : -1]
    last = [seconds.get(second) for second in _last(now.replace(microsecond=0), SECONDS, 1)]
    return Rates(
        sum(recent) / len(recent),
        sent / SECONDS,
        100 * won / sent if sent else 0.0,
        1000 * took / decided if decided else None,
        waiting,
        wait,
        winners,
        tuple(each.plays if each else 0 for each in last),
        tuple(1000 * each.decided_seconds / each.decided if each and each.decided else 0.0 for each in last),
    )


def _last(newest: datetime, count: int, seconds: int) -> list[datetime]:
    return [newest - timedelta(seconds=seconds * back) for back in range(count - 1, -1, -1)]
