"""Who rose and who fell since a board's day began."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from webapp.http.access import settings
from webapp.projections import day_ranks
from webapp.projections.redis import RedisError
from webapp.projections.views import Place, View


@dataclass(frozen=True, slots=True)
class Changes:
    """Places won (above 0) and lost since a moment in microseconds, by player; who was not ranked then is not in it."""

    since: int | None = None
    by_player: Mapping[str, int] = field(default_factory=dict)


def changes_of(view: View, rows: Iterable[Place], now: int) -> Changes:
    """What changed for these rows of the present run; nothing where it is final, older, or nobody knows."""
    numbers = {row.player: int(row.member.rpartition(":")[2]) for row in rows if row.member}
    if view.is_final or view.run != view.board.run_at(now) or not numbers:
        return Changes()
    try:
        then = day_ranks.opening_ranks(settings(), view.board, numbers.values(), now)
    except RedisError:
        return Changes()
    if then is None:
        return Changes()
    ranks = {row.player: row.rank for row in rows}
    known = {player: number for player, number in numbers.items() if number in then.ranks}
    if not known:
        return Changes()
    return Changes(then.since, {player: then.ranks[number] - ranks[player] for player, number in known.items()})
