"""Pacing: the chance that a play wins now. Each strategy is a module with a page of prose beside it.

A chance is a fraction of two whole numbers; 0 or less never wins, 1 or more always does.
"""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from engine.coupons.game import Game
from engine.coupons.game_state import GameState
from engine.coupons.pacing import adaptive, moments, odds, remaining

Chance: TypeAlias = tuple[int, int]
Strategy: TypeAlias = Callable[[Game, GameState, bytes, int], Chance]

STRATEGIES: Mapping[str, Strategy] = {
    "moments": moments.chance,
    "adaptive": adaptive.chance,
    "odds": odds.chance,
    "remaining": remaining.chance,
}
"""Name → the chance of a play, from the game, its state, the campaign's seed and the moment of the play (µs)."""


def chance(game: Game, state: GameState, seed: bytes, at: int) -> Chance:
    """The chance of a play received at this moment, by the game's own strategy."""
    return STRATEGIES[game.pacing.strategy](game, state, seed, at)
