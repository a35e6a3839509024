"""Coupons left divided by slots left, for each play: well known, and wrong for bursts. REMAINING.md shows why."""

from engine.coupons.game import Game
from engine.coupons.game_state import GameState


def chance(game: Game, state: GameState, _seed: bytes, at: int) -> tuple[int, int]:
    """Remaining budget divided by the number of slots until the end, the current one included."""
    slots_left = -((at - game.ends_at) // game.pacing.slot)
    return state.total_left, max(1, slots_left)
