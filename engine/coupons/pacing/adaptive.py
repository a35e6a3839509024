"""A controller that follows the plan's line by the rate at which plays arrive. ADAPTIVE.md derives it."""

from engine.coupons.game import Game
from engine.coupons.game_state import BUCKETS_PER_HORIZON, GameState


def bucket_length(game: Game) -> int:
    """The length of one bucket of arrivals in µs."""
    return max(1, game.pacing.horizon // BUCKETS_PER_HORIZON)


def chance(game: Game, state: GameState, _seed: bytes, at: int) -> tuple[int, int]:
    """What the plan wants given by the end of the horizon, less what was given, per play expected until then.

    Both sides of the fraction are multiplied by the plan's duration and the measured time, so that all is whole.
    """
    plan = state.plan
    ahead = min(game.pacing.horizon, max(1, plan.ends_at - at))
    horizon_ends_at = min(at + ahead, plan.ends_at)
    target = plan.count * (horizon_ends_at - plan.starts_at)
    behind = (plan.carried - plan.claimed) * plan.duration + target
    plays, within = state.arrivals.measured(at, bucket_length(game))
    return behind * within, plan.duration * max(plays * ahead, within)
