"""A small game to test in: Friday reel, one hour, coffee and bikes."""

from typing import Any

from engine.coupons.game import SECOND, Game, GameBrand, Pacing
from engine.coupons.game_state import GameState
from engine.coupons.play import GameDay, Play, PlayCounts

HOUR = 3_600 * SECOND
SEED = bytes(range(32))
COFFEE, BIKES = GameBrand("coffee", "Acme Coffee"), GameBrand("bikes", "Bolt Bikes")


def reel(strategy: str = "moments", unclaimed: str = "roll_forward", **parts: Any) -> Game:
    """The reel with another pacing, or with other members."""
    brands = parts.pop("brands", (COFFEE, BIKES))
    return Game("reel", "Friday reel", 0, HOUR, brands, Pacing(strategy, unclaimed), **parts)


def opened(game: Game, **left: int) -> GameState:
    """The state of the game before the first play."""
    return GameState.opening(left or {"coffee": 60, "bikes": 40}, game.starts_at, game.ends_at)


def play(at: int, name: str = "", **parts: Any) -> Play:
    """A play received at this moment."""
    return Play(name or f"default:{at}", at, GameDay(0, 0, HOUR), **parts)


def play_counts(**counts: Any) -> PlayCounts:
    """What the player had before."""
    return PlayCounts(**counts)
