"""Winning moments, drawn in advance: the first play after each one wins. MOMENTS.md tells why and how."""

from functools import lru_cache

from engine.coupons.draws import WHOLE, drawn
from engine.coupons.game import Game
from engine.coupons.game_state import Plan, Stand


def chance(game: Game, stand: Stand, seed: bytes, at: int) -> tuple[int, int]:
    """1 where an unclaimed moment is due, else 0."""
    return (1 if unclaimed(game, stand.plan, seed, at) > 0 else 0), 1


def unclaimed(game: Game, plan: Plan, seed: bytes, at: int) -> int:
    """How many moments are due at `at` (µs) and free; below 0 where more was won than had come due."""
    over = due(game.key, plan, seed, at) - plan.claimed
    if game.lapses:
        return min(1, over)
    return plan.carried + over


def due(game: str, plan: Plan, seed: bytes, at: int) -> int:
    """How many of the plan's moments lie at or before `at`."""
    if plan.count == 0 or at < plan.starts_at:
        return 0
    if at >= plan.ends_at:
        return plan.count
    index = (at - plan.starts_at) * plan.count // plan.duration
    return index + (1 if moment(game, plan, seed, index) <= at else 0)


def moment(game: str, plan: Plan, seed: bytes, index: int) -> int:
    """When winning moment `index` (from 0) comes, in µs: somewhere in its own equal share of the plan."""
    within = index * WHOLE + _place(seed, game, plan.generation, index)
    return plan.starts_at + plan.duration * within // (plan.count * WHOLE)


@lru_cache(maxsize=64)  # all plays between two moments ask for the same one
def _place(seed: bytes, game: str, generation: int, index: int) -> int:
    return drawn(seed, "moment", game, generation, index)
