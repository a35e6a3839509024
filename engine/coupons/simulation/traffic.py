"""Synthetic traffic: when plays arrive in a simulation."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from engine.coupons.game import SECOND, Game

BURST_SECONDS = 60
PARTS_OF_A_DAY = 96
SHAPES = ("steady", "burst", "daily", "replay")
_DAY_SECONDS = 86_400
_DAILY_SWING = 0.9
"""How far the daily curve rises above and falls below its mean."""


@dataclass(frozen=True, slots=True)
class SimulatedTraffic:
    """The traffic to simulate.

    `plays` in all, by `players` people; `peak` plays per second in the first minute of a burst; `counted` the plays in
    equal parts of a past game, for a replay.
    """

    shape: str
    plays: int
    players: int
    peak: float = 200
    counted: Sequence[int] = ()


def arrivals(traffic: SimulatedTraffic, game: Game, random: Random) -> Iterator[int]:
    """The moments (µs) at which plays arrive, in order."""
    weights = weights_of(traffic, game)
    length = game.ends_at - game.starts_at
    for part, count in enumerate(_apportion(traffic.plays, weights)):
        first, last = length * part // len(weights), length * (part + 1) // len(weights)
        for offset in sorted(random.random() for _ in range(count)):
            yield game.starts_at + first + int(offset * (last - first))


def weights_of(traffic: SimulatedTraffic, game: Game) -> list[float]:
    """How the plays are spread over equal parts of the game."""
    seconds = max(1, (game.ends_at - game.starts_at) // SECOND)
    if traffic.shape == "replay" and any(traffic.counted):
        return [float(count) for count in traffic.counted]
    if traffic.shape == "burst":
        return _burst(traffic, seconds)
    if traffic.shape == "daily":
        return _daily(seconds)
    return [1.0]


def _daily(seconds: int) -> list[float]:
    parts = max(PARTS_OF_A_DAY, PARTS_OF_A_DAY * seconds // _DAY_SECONDS)
    # A game of less than a day still gets one whole curve.
    parts_per_period = min(seconds, _DAY_SECONDS) * parts / seconds
    return [1 - _DAILY_SWING * math.cos(2 * math.pi * (part + 0.5) / parts_per_period) for part in range(parts)]


def _burst(traffic: SimulatedTraffic, seconds: int) -> list[float]:
    parts = max(1, seconds // BURST_SECONDS)
    if parts == 1:
        return [1.0]
    first = min(float(traffic.plays), traffic.peak * BURST_SECONDS)
    rest = (traffic.plays - first) / (parts - 1)
    return [first, *[rest] * (parts - 1)]


def _apportion(plays: int, weights: Sequence[float]) -> list[int]:
    """Whole numbers in the proportion of the weights that add up to `plays`."""
    total, cumulative, assigned = sum(weights), 0.0, 0
    counts = []
    for weight in weights:
        # Rounding the running total, not each part, keeps every part within one of its exact share.
        cumulative += weight
        due = round(plays * cumulative / total) if total else 0
        counts.append(due - assigned)
        assigned = due
    counts[-1] += plays - assigned
    return counts
