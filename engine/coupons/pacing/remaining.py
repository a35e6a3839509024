"""Coupons left by slots left, for each play: known from the field, and wrong for bursts. REMAINING.md shows it."""

from engine.coupons.game import Game
from engine.coupons.game_state import Stand


def chance(game: Game, stand: Stand, _seed: bytes, at: int) -> tuple[int, int]:
    """Remaining budget by the number of slots (begun ones count) until the end."""
    return stand.total_left, max(1, -((at - game.ends_at) // game.pacing.slot))
