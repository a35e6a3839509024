"""Leaderboards as they are read: the live runs from Redis, final ones from Postgres."""

from dataclasses import dataclass
from datetime import datetime

from engine.scoring.rulebook.board import CompiledLeaderboard, LeaderboardRun
from webapp.config import Settings
from webapp.projections import boards, epoch
from webapp.projections.epoch import RebuildingError
from webapp.projections.redis import cache_redis
from webapp.runtime.clock import from_micros, now_micros
from webapp.store.players import standings
from webapp.store.system.connection import Connection

AROUND = 25


@dataclass(frozen=True, slots=True)
class Place:
    """One row: place from 0, competition rank, player, score; `member` finds it again in Redis."""

    place: int
    rank: int
    player: str
    score: float | int
    member: str = ""


@dataclass(frozen=True, slots=True)
class View:
    """A part of one run of a board."""

    board: CompiledLeaderboard
    run: LeaderboardRun
    is_final: bool
    as_of: datetime
    total: int
    rows: list[Place]
    found: int | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which part is wanted: rows from a place on, or those around a player."""

    window: str = "current"
    segment: str | None = None
    count: int = 50
    start: int = 0
    after: tuple[float, str] | None = None
    around: str | None = None


class NoSuchWindowError(LookupError):
    """The board has no such run, or knows nothing of it any more."""


def view(settings: Settings, conn: Connection, board: CompiledLeaderboard, wanted: Wanted) -> View:
    """Read a part of a run. Raises `NoSuchWindowError`, and `RebuildingError` while live boards are away."""
    run = board.run_named(wanted.window, now_micros())
    if run is None:
        raise NoSuchWindowError(wanted.window)
    final = standings.final_run(conn, board.key, run.id)
    return _final(conn, board, run, wanted) if final else _live(settings, conn, (board, run), wanted)


def _live(
    settings: Settings, conn: Connection, what: tuple[CompiledLeaderboard, LeaderboardRun], wanted: Wanted
) -> View:
    board, run = what
    present = board.run_at(now_micros())
    if run.ordinal not in {present.ordinal, present.ordinal - 1}:
        raise NoSuchWindowError(run.id)
    cache = cache_redis(settings)
    name = epoch.current(cache)
    if name is None:
        raise RebuildingError
    as_of = standings.behind_since(conn)
    key = boards.set_key(name, board.key, run.id, wanted.segment)
    place = _place_of(conn, name, (board, run), wanted, cache) if wanted.around else None
    start, count = _bounds(wanted, place)
    if wanted.after is not None:
        start = boards.place_after(cache, key, *wanted.after)
    rows = boards.page(cache, key, start, _within(board, start, count, is_around=place is not None))
    names = standings.names_of(conn, [row.player for row in rows])
    shown = [
        Place(row.place, row.rank, names[row.player], _whole(row.score), row.member)
        for row in rows
        if row.player in names
    ]
    return View(board, run, False, as_of, boards.total(cache, key), shown, place)  # noqa: FBT003 -- it is not final


def _place_of(
    conn: Connection, name: str, what: tuple[CompiledLeaderboard, LeaderboardRun], wanted: Wanted, cache: object
) -> int | None:
    number = standings.number_of(conn, wanted.around or "")
    if number is None:
        return None
    return boards.place_of(cache, name, what[0].key, what[1].id, number, wanted.segment)


def _bounds(wanted: Wanted, place: int | None) -> tuple[int, int]:
    if wanted.around is None:
        return wanted.start, wanted.count
    return (0, 0) if place is None else (max(0, place - AROUND), place + AROUND + 1 - max(0, place - AROUND))


def _within(board: CompiledLeaderboard, start: int, count: int, *, is_around: bool) -> int:
    """How many rows the board's limit leaves; what is around a player is shown however far down it is."""
    if is_around or board.limit is None:
        return count
    return max(0, min(count, board.limit - start))


def _final(conn: Connection, board: CompiledLeaderboard, run: LeaderboardRun, wanted: Wanted) -> View:
    final, segment = standings.final_run(conn, board.key, run.id), wanted.segment or ""
    assert final is not None
    number = standings.number_of(conn, wanted.around) if wanted.around else None
    place = None if number is None else standings.final_place(conn, final, segment, number)
    start, count = _bounds(wanted, place)
    if wanted.after is not None:
        start = int(wanted.after[0]) + 1
    count = _within(board, start, count, is_around=place is not None)
    rows = standings.final_page(conn, final, segment, start, count)
    names = standings.names_of(conn, [row[2] for row in rows])
    shown = [Place(row[0], row[1], names[row[2]], _whole(row[3])) for row in rows if row[2] in names]
    total = standings.final_total(conn, final, segment)
    return View(board, run, True, final.finalised_at, total, shown, place)  # noqa: FBT003 -- it is final


def _whole(score: float) -> float | int:
    return int(score) if float(score).is_integer() else score


def bounds_of(run: LeaderboardRun) -> tuple[str | None, str | None]:
    """When a run begins and ends, in words."""
    found = [None if each is None else from_micros(each).isoformat() for each in (run.starts_at, run.ends_at)]
    return found[0], found[1]
