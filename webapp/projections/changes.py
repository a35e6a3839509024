"""What has changed on a board since its day began: the ranks of then, kept beside the live run.

A projection like the board itself: kept once a day of the board's zone, at the first look after midnight, and begun
anew where Redis lost it. It says from when it is, so that nobody takes a part of a day for the whole.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from engine.scoring.rulebook.board import CompiledLeaderboard, LeaderboardRun
from webapp.projections import boards
from webapp.projections.redis import Redis
from webapp.runtime.clock import from_micros

KEPT_SECONDS = 3 * 86_400
RANKS_MAX = 10_000
SINCE = "since"


@dataclass(frozen=True, slots=True)
class Then:
    """Ranks by the number of the player, as they stood at a moment in microseconds."""

    since: int
    ranks: Mapping[int, int]


def key_of(epoch: str, board: CompiledLeaderboard, run: LeaderboardRun, now: int) -> str:
    """The name of a run's ranks on the day of a moment, in the board's zone."""
    day = from_micros(now).astimezone(board.tz).date()
    return f"lb:{{{board.key}:{run.id}}}:{epoch}:then:{day.isoformat()}"


def keep(cache: Redis, epoch: str, board: CompiledLeaderboard, now: int) -> bool:
    """Keep the ranks of the present run, unless that was done today or nobody has one; false where nothing was new."""
    run = board.run_at(now)
    key = key_of(epoch, board, run, now)
    if cache.exists(key):
        return False
    most = min(board.limit or RANKS_MAX, RANKS_MAX)
    rows = boards.page(cache, boards.set_key(epoch, board.key, run.id), 0, most)
    if not rows:
        return False
    pipe = cache.pipeline(transaction=True)
    pipe.hset(key, mapping={SINCE: now, **{str(row.player): row.rank for row in rows}})
    pipe.expire(key, KEPT_SECONDS)
    pipe.execute()
    return True


def then(cache: Redis, epoch: str, board: CompiledLeaderboard, players: Iterable[int], now: int) -> Then | None:
    """The ranks that these players had in the present run when the day began; None where nobody looked."""
    numbers = list(players)
    key = key_of(epoch, board, board.run_at(now), now)
    since, *ranks = cache.hmget(key, [SINCE, *map(str, numbers)])
    if since is None:
        return None
    return Then(int(since), {number: int(rank) for number, rank in zip(numbers, ranks, strict=True) if rank})
