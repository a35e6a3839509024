"""A controller that follows the plan's line by the rate at which plays arrive. ADAPTIVE.md derives it."""

from engine.coupons.game import Game
from engine.coupons.game_state import BUCKETS, Stand


def bucket_length(game: Game) -> int:
    """The length of one bucket of arrivals in µs."""
    return max(1, game.pacing.horizon // BUCKETS)


def chance(game: Game, stand: Stand, _seed: bytes, at: int) -> tuple[int, int]:
    """What the plan wants given until the horizon, less what was given, by the plays expected until then."""
    plan = stand.plan
    ahead = min(game.pacing.horizon, max(1, plan.ends_at - at))
    behind = (plan.carried - plan.claimed) * plan.duration + plan.count * (
        min(at + ahead, plan.ends_at) - plan.starts_at
    )
    plays, within = stand.arrivals.measured(at, bucket_length(game))
    return behind * within, plan.duration * max(plays * ahead, within)
