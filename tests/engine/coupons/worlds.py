"""A small game to test in: Friday reel, one hour, coffee and bikes."""

from typing import Any

from engine.coupons.game import SECOND, Brand, Game, Pacing
from engine.coupons.game_state import Stand
from engine.coupons.play import Counts, Day, Play

HOUR = 3_600 * SECOND
SEED = bytes(range(32))
COFFEE, BIKES = Brand("coffee", "Acme Coffee"), Brand("bikes", "Bolt Bikes")


def reel(strategy: str = "moments", unclaimed: str = "roll_forward", **parts: Any) -> Game:
    """The reel with another pacing, or with other parts."""
    brands = parts.pop("brands", (COFFEE, BIKES))
    return Game("reel", "Friday reel", 0, HOUR, brands, Pacing(strategy, unclaimed), **parts)


def opened(game: Game, **left: int) -> Stand:
    """How the game stands before the first play."""
    return Stand.opening(left or {"coffee": 60, "bikes": 40}, game.starts_at, game.ends_at)


def play(at: int, name: str = "", **parts: Any) -> Play:
    """A play received at this moment."""
    return Play(name or f"default:{at}", at, Day(0, 0, HOUR), **parts)


def had(**counts: Any) -> Counts:
    """What the player had before."""
    return Counts(**counts)
