"""Winning moments, drawn in advance: the first play after each one wins. MOMENTS.md explains why and how."""

from functools import lru_cache

from engine.coupons.draws import DRAW_RANGE, draw_number
from engine.coupons.game import Game
from engine.coupons.game_state import GameState, PacingPlan


def chance(game: Game, state: GameState, seed: bytes, at: int) -> tuple[int, int]:
    """1 if an unclaimed moment is due, else 0."""
    is_due = unclaimed(game, state.plan, seed, at) > 0
    return int(is_due), 1


def unclaimed(game: Game, plan: PacingPlan, seed: bytes, at: int) -> int:
    """How many moments are due at `at` (µs) and free; below 0 if more was won than had come due."""
    ahead_of_wins = due(game.key, plan, seed, at) - plan.claimed
    if game.lapses:
        return min(1, ahead_of_wins)
    return plan.carried + ahead_of_wins


def due(game: str, plan: PacingPlan, seed: bytes, at: int) -> int:
    """How many of the plan's moments lie at or before `at`."""
    if plan.count == 0 or at < plan.starts_at:
        return 0
    if at >= plan.ends_at:
        return plan.count
    # Each moment lies in its own share, so only the one in the current share has to be drawn.
    index = (at - plan.starts_at) * plan.count // plan.duration
    return index + 1 if moment(game, plan, seed, index) <= at else index


def moment(game: str, plan: PacingPlan, seed: bytes, index: int) -> int:
    """When winning moment `index` (from 0) comes, in µs: somewhere in its own equal share of the plan."""
    shares_in = index * DRAW_RANGE + _place_in_share(seed, game, plan.generation, index)
    return plan.starts_at + plan.duration * shares_in // (plan.count * DRAW_RANGE)


@lru_cache(maxsize=64)  # all plays between two moments need the same one
def _place_in_share(seed: bytes, game: str, generation: int, index: int) -> int:
    return draw_number(seed, "moment", game, generation, index)
