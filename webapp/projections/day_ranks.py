"""The ranks with which a board's day began, kept beside the live run, so that changes since then can be shown.

A projection like the board itself: kept once a day of the board's zone, at the first look after midnight, and begun
anew where Redis lost it. It records the moment it was taken, so that nobody takes a part of a day for the whole.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from engine.scoring.rulebook.leaderboard import CompiledLeaderboard, LeaderboardRun
from webapp.config import Settings
from webapp.projections import epoch, leaderboards
from webapp.projections.redis import Redis, cache_redis
from webapp.runtime.clock import from_micros

KEPT_SECONDS = 3 * 86_400
RANKS_MAX = 10_000
SINCE = "since"


@dataclass(frozen=True, slots=True)
class OpeningRanks:
    """Ranks by the player's number, as they were at a moment in microseconds."""

    since: int
    ranks: Mapping[int, int]


def keep_opening_ranks(settings: Settings, all_boards: Iterable[CompiledLeaderboard], now: int) -> int:
    """Keep the ranks of each board's present run, once a day; returns of how many boards it was done now.

    Does nothing while there is no epoch. Raises `RedisError`.
    """
    cache = cache_redis(settings)
    epoch_name = epoch.current(cache)
    if epoch_name is None:
        return 0
    return sum(_keep(cache, epoch_name, board, now) for board in all_boards)


def _keep(cache: Redis, epoch_name: str, board: CompiledLeaderboard, now: int) -> bool:
    """False where today's ranks are kept already, or nobody has a rank."""
    run = board.run_at(now)
    key = _key_of(epoch_name, board, run, now)
    if cache.exists(key):
        return False
    count_max = min(board.limit or RANKS_MAX, RANKS_MAX)
    rows = leaderboards.page(cache, leaderboards.set_key(epoch_name, board.key, run.id), 0, count_max)
    if not rows:
        return False
    pipe = cache.pipeline(transaction=True)
    pipe.hset(key, mapping={SINCE: now, **{str(row.player): row.rank for row in rows}})
    pipe.expire(key, KEPT_SECONDS)
    pipe.execute()
    return True


def opening_ranks(
    settings: Settings, board: CompiledLeaderboard, players: Iterable[int], now: int
) -> OpeningRanks | None:
    """The ranks that these players had in the present run when the day began; None where they were not kept.

    Raises `RedisError`.
    """
    cache, numbers = cache_redis(settings), list(players)
    epoch_name = epoch.current(cache)
    if epoch_name is None:
        return None
    since, *ranks = cache.hmget(_key_of(epoch_name, board, board.run_at(now), now), [SINCE, *map(str, numbers)])
    if since is None:
        return None
    return OpeningRanks(int(since), {number: int(rank) for number, rank in zip(numbers, ranks, strict=True) if rank})


def _key_of(epoch_name: str, board: CompiledLeaderboard, run: LeaderboardRun, now: int) -> str:
    """The name of a run's ranks on the day of a moment, in the board's zone."""
    day = from_micros(now).astimezone(board.tz).date()
    return f"lb:{{{board.key}:{run.id}}}:{epoch_name}:then:{day.isoformat()}"
