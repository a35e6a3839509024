"""A player's next turn: whether a play could win now, and if not, from when on one could."""

from dataclasses import dataclass, replace

from engine.coupons.decide_play import refusal
from engine.coupons.game import Game, PlayLimits
from engine.coupons.game_state import GameState
from engine.coupons.play import LIMIT_REACHED, Play, PlayCounts


@dataclass(frozen=True, slots=True)
class NextTurn:
    """Why the next play of a player cannot win, empty if it can; `again_at` (µs) is when one can, None for never."""

    refusal: str = ""
    again_at: int | None = None


def next_turn(game: Game, state: GameState, play: Play, limits: PlayLimits) -> NextTurn:
    """The turn of the player who would send this play. `limits` are those of the whole campaign."""
    refused = refusal(game, state, play, limits)
    if refused != LIMIT_REACHED or play.day.ends_at >= game.ends_at:
        return NextTurn(refused)
    tomorrow = replace(play, in_game=_without_today(play.in_game), in_campaign=_without_today(play.in_campaign))
    helps = not refusal(game, state, tomorrow, limits)
    return NextTurn(refused, play.day.ends_at if helps else None)


def _without_today(counts: PlayCounts) -> PlayCounts:
    return replace(counts, plays_today=0, wins_today=0)
