"""The same chance for every play, whatever is left. ODDS.md says what follows from that."""

from engine.coupons.game import Game
from engine.coupons.game_state import GameState


def chance(game: Game, _state: GameState, _seed: bytes, _at: int) -> tuple[int, int]:
    """The odds that the author chose."""
    return game.pacing.chance
