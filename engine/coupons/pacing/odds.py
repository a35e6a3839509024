"""The same chance for every play, whatever is left. ODDS.md says what follows from that."""

from engine.coupons.game import Game
from engine.coupons.game_state import Stand


def chance(game: Game, _stand: Stand, _seed: bytes, _at: int) -> tuple[int, int]:
    """The odds that the author wrote."""
    return game.pacing.chance
