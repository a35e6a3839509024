"""Made-up players: when plays arrive in a simulation, and whose they are."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from engine.coupons.game import SECOND, Game

BURST_SECONDS = 60
PARTS_OF_A_DAY = 96
SHAPES = ("steady", "burst", "daily", "replay")
_DAY_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class Traffic:
    """What is to be simulated.

    `plays` in all, by `players` people; `peak` plays a second in the first minute of a burst; `counted` the plays of
    equal parts of a past game, for a replay.
    """

    shape: str
    plays: int
    players: int
    peak: float = 200
    counted: Sequence[int] = ()


def arrivals(traffic: Traffic, game: Game, random: Random) -> Iterator[int]:
    """The moments (µs) at which plays arrive, in order."""
    weights = weights_of(traffic, game)
    length = game.ends_at - game.starts_at
    for part, count in enumerate(_shared_out(traffic.plays, weights)):
        first, last = length * part // len(weights), length * (part + 1) // len(weights)
        for place in sorted(random.random() for _ in range(count)):
            yield game.starts_at + first + int(place * (last - first))


def weights_of(traffic: Traffic, game: Game) -> list[float]:
    """How the plays are spread over equal parts of the game."""
    seconds = max(1, (game.ends_at - game.starts_at) // SECOND)
    if traffic.shape == "replay" and any(traffic.counted):
        return [float(count) for count in traffic.counted]
    if traffic.shape == "burst":
        return _burst(traffic, seconds)
    if traffic.shape == "daily":
        parts = max(PARTS_OF_A_DAY, PARTS_OF_A_DAY * seconds // _DAY_SECONDS)
        period = min(seconds, _DAY_SECONDS) * parts / seconds
        return [1 - 0.9 * math.cos(2 * math.pi * (part + 0.5) / period) for part in range(parts)]
    return [1.0]


def _burst(traffic: Traffic, seconds: int) -> list[float]:
    parts = max(1, seconds // BURST_SECONDS)
    first = min(float(traffic.plays), traffic.peak * BURST_SECONDS)
    rest = (traffic.plays - first) / max(1, parts - 1)
    return [first, *[rest] * (parts - 1)] if parts > 1 else [1.0]


def _shared_out(plays: int, weights: Sequence[float]) -> list[int]:
    """Whole numbers in the proportion of the weights that add up to `plays`."""
    whole, reached, given, counts = sum(weights), 0.0, 0, []
    for weight in weights:
        reached += weight
        upto = round(plays * reached / whole) if whole else 0
        counts.append(upto - given)
        given = upto
    counts[-1] += plays - given
    return counts
