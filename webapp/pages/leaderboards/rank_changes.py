"""Who rose and who fell since a board's day began."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from webapp.http.access import settings
from webapp.projections import day_ranks
from webapp.projections.leaderboard_views import LeaderboardView, RankedPlayer
from webapp.projections.redis import RedisError


@dataclass(frozen=True, slots=True)
class RankChanges:
    """Ranks gained (above 0) and lost since a moment (µs), by player; players who were not ranked then are left out."""

    since: int | None = None
    by_player: Mapping[str, int] = field(default_factory=dict)


def rank_changes(view: LeaderboardView, rows: Iterable[RankedPlayer], now: int) -> RankChanges:
    """The changes of these rows of the current run; empty for other runs, and while earlier ranks are unknown."""
    numbers = {row.player: int(row.member.rpartition(":")[2]) for row in rows if row.member}
    if view.is_final or view.run != view.board.run_at(now) or not numbers:
        return RankChanges()
    try:
        earlier = day_ranks.opening_ranks(settings(), view.board, numbers.values(), now)
    except RedisError:
        return RankChanges()
    if earlier is None:
        return RankChanges()
    ranks = {row.player: row.rank for row in rows}
    known = {player: number for player, number in numbers.items() if number in earlier.ranks}
    if not known:
        return RankChanges()
    return RankChanges(
        earlier.since, {player: earlier.ranks[number] - ranks[player] for player, number in known.items()}
    )
