"""Leaderboards as they are read: the live runs from Redis, final ones from Postgres."""

from dataclasses import dataclass
from datetime import datetime

from engine.scoring.rulebook.leaderboard import CompiledLeaderboard, LeaderboardRun
from engine.vocabulary.moment import rfc3339
from webapp.config import Settings
from webapp.projections import epoch, leaderboards
from webapp.projections.epoch import ProjectionsRebuilding
from webapp.projections.redis import cache_redis
from webapp.runtime.clock import now_micros
from webapp.store.players import leaderboard_standings, player_states
from webapp.store.players.leaderboard_standings import FinalRun
from webapp.store.system.connection import Connection

AROUND = 25


@dataclass(frozen=True, slots=True)
class RankedPlayer:
    """One row: place from 0, competition rank, player, score; `member` finds it again in Redis."""

    place: int
    rank: int
    player: str
    score: float | int
    member: str = ""


@dataclass(frozen=True, slots=True)
class LeaderboardView:
    """A part of one run of a board."""

    board: CompiledLeaderboard
    run: LeaderboardRun
    is_final: bool
    as_of: datetime
    total: int
    rows: list[RankedPlayer]
    found: int | None = None


@dataclass(frozen=True, slots=True)
class LeaderboardQuery:
    """Which part of which run: rows from a place on, after a row that was read before, or around a player."""

    window: str = "current"
    segment: str | None = None
    count: int = 50
    start: int = 0
    after: tuple[float, str] | None = None
    around: str | None = None


class NoSuchWindow(LookupError):  # noqa: N818  (the reader's mistake, not ours)
    """The board has no such run, or no longer knows anything about it."""


def read_leaderboard(
    settings: Settings, conn: Connection, board: CompiledLeaderboard, query: LeaderboardQuery
) -> LeaderboardView:
    """Read a part of a run. Raises `NoSuchWindow`, and `ProjectionsRebuilding` while there are no live boards."""
    run = board.run_named(query.window, now_micros())
    if run is None:
        raise NoSuchWindow(query.window)
    final = leaderboard_standings.final_run(conn, board.key, run.id)
    return _read_final(conn, board, run, final, query) if final else _read_live(settings, conn, board, run, query)


def _read_live(
    settings: Settings, conn: Connection, board: CompiledLeaderboard, run: LeaderboardRun, query: LeaderboardQuery
) -> LeaderboardView:
    present = board.run_at(now_micros())
    if run.ordinal not in {present.ordinal, present.ordinal - 1}:
        raise NoSuchWindow(run.id)
    cache = cache_redis(settings)
    epoch_name = epoch.current(cache)
    if epoch_name is None:
        raise ProjectionsRebuilding
    as_of = leaderboard_standings.complete_until(conn)
    key = leaderboards.set_key(epoch_name, board.key, run.id, query.segment)
    number = player_states.number_of(conn, query.around) if query.around else None
    place = None
    if number is not None:
        place = leaderboards.place_of(cache, epoch_name, board.key, run.id, number, query.segment)
    start, count = _bounds(query, place)
    if query.after is not None:
        start = leaderboards.place_after(cache, key, *query.after)
    rows = leaderboards.page(cache, key, start, _within(board, start, count, is_around=place is not None))
    ids = leaderboard_standings.ids_of(conn, [row.player for row in rows])
    players = [
        RankedPlayer(row.place, row.rank, ids[row.player], _whole(row.score), row.member)
        for row in rows
        if row.player in ids
    ]
    return LeaderboardView(
        board, run, is_final=False, as_of=as_of, total=leaderboards.total(cache, key), rows=players, found=place
    )


def _bounds(query: LeaderboardQuery, place: int | None) -> tuple[int, int]:
    if query.around is None:
        return query.start, query.count
    return (0, 0) if place is None else (max(0, place - AROUND), place + AROUND + 1 - max(0, place - AROUND))


def _within(board: CompiledLeaderboard, start: int, count: int, *, is_around: bool) -> int:
    """How many rows the board's limit leaves; rows around a player are shown however far down they are."""
    if is_around or board.limit is None:
        return count
    return max(0, min(count, board.limit - start))


def _read_final(
    conn: Connection, board: CompiledLeaderboard, run: LeaderboardRun, final: FinalRun, query: LeaderboardQuery
) -> LeaderboardView:
    segment = query.segment or ""
    number = player_states.number_of(conn, query.around) if query.around else None
    place = None if number is None else leaderboard_standings.final_place(conn, final, segment, number)
    start, count = _bounds(query, place)
    if query.after is not None:
        start = int(query.after[0]) + 1
    rows = leaderboard_standings.final_page(
        conn, final, segment, start, _within(board, start, count, is_around=place is not None)
    )
    ids = leaderboard_standings.ids_of(conn, [row.player for row in rows])
    players = [
        RankedPlayer(row.place, row.rank, ids[row.player], _whole(row.score)) for row in rows if row.player in ids
    ]
    total = leaderboard_standings.final_total(conn, final, segment)
    return LeaderboardView(board, run, True, final.finalised_at, total, players, place)  # noqa: FBT003 -- it is final


def _whole(score: float) -> float | int:
    return int(score) if float(score).is_integer() else score


def bounds_of(run: LeaderboardRun) -> tuple[str | None, str | None]:
    """When a run begins and ends, in RFC 3339."""
    starts_at, ends_at = (None if micros is None else rfc3339(micros) for micros in (run.starts_at, run.ends_at))
    return starts_at, ends_at
