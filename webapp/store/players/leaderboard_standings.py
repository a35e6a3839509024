"""Leaderboards in Postgres: scores from players' states, and the standings of runs that are final."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from webapp.store.system.connection import Connection


class BoardScores(msgspec.Struct, frozen=True, gc=False):
    """The board part of one player's state: board → run's ordinal → [score, reached], and board → segment."""

    player: int
    version: int
    boards: dict[str, dict[str, tuple[Any, int]]]
    segments: dict[str, str | None]


class _BoardPart(msgspec.Struct, gc=False):
    """What of a state is decoded; all else in it is passed over."""

    boards: dict[str, dict[str, tuple[Any, int]]] = {}
    seg: dict[str, str | None] = {}


# In Python, where it takes a quarter of the time that Postgres needs to turn the whole state into jsonb.
_decode = msgspec.json.Decoder(_BoardPart).decode


@dataclass(frozen=True, slots=True)
class FinalRun:
    """A run that does not change any more."""

    board: str
    run: str
    starts_at: datetime | None
    ends_at: datetime | None
    finalised_at: datetime
    total: int


def board_scores(conn: Connection, page_size: int) -> Iterator[list[BoardScores]]:
    """The board scores of all players as of one moment, page by page; erased players are left out.

    Until the last page is read, or the generator closed, the caller's transaction stays open.
    """
    with conn.cursor("board_scores") as cursor:
        cursor.execute(
            "SELECT number, version, state FROM player WHERE state IS NOT NULL AND erased_at IS NULL", binary=True
        )
        while rows := cursor.fetchmany(page_size):
            parts = [_decode(row[2]) for row in rows]
            yield [BoardScores(row[0], row[1], part.boards, part.seg) for row, part in zip(rows, parts, strict=True)]


def spilled_scores(conn: Connection, board: str, ordinal: int) -> dict[int, list[Any]]:
    """The scores of one run that left the players' documents."""
    rows = conn.execute(
        "SELECT d.player, d.value FROM player_series d JOIN player p ON p.number = d.player"
        " WHERE d.series = %s AND d.bucket = %s AND d.series LIKE 'b:%%' AND p.erased_at IS NULL AND d.value <> 'null'",
        (f"b:{board}", ordinal),
    )
    return {row[0]: row[1] for row in rows}


def ids_of(conn: Connection, numbers: Sequence[int]) -> dict[int, str]:
    """The ids of players by number; erased ones have none."""
    rows = conn.execute("SELECT number, id FROM player WHERE number = ANY(%s) AND id IS NOT NULL", (list(numbers),))
    return {row[0]: row[1] for row in rows}


def complete_until(conn: Connection) -> datetime:
    """Up to when boards are complete: the oldest change that waits to reach them, or now."""
    row = conn.execute("SELECT coalesce(min(created_at), clock_timestamp()) FROM outbox").fetchone()
    assert row is not None
    moment: datetime = row[0]
    return moment


def final_run(conn: Connection, board: str, run: str) -> FinalRun | None:
    """A run once it is final."""
    row = conn.execute(
        "SELECT board, run, starts_at, ends_at, finalised_at, total FROM board_run"
        " WHERE board = %s AND run = %s AND finalised_at IS NOT NULL",
        (board, run),
    ).fetchone()
    return None if row is None else FinalRun(*row)


def final_runs(conn: Connection, board: str, limit: int = 12) -> list[FinalRun]:
    """The newest final runs of a board."""
    rows = conn.execute(
        "SELECT board, run, starts_at, ends_at, finalised_at, total FROM board_run"
        " WHERE board = %s AND finalised_at IS NOT NULL ORDER BY starts_at DESC LIMIT %s",
        (board, limit),
    )
    return [FinalRun(*row) for row in rows]


class FinalStanding(NamedTuple):
    """One row of a final run: place from 0, competition rank, the player's number, score."""

    place: int
    rank: int
    player: int
    score: float


def final_page(conn: Connection, run: FinalRun, segment: str, start: int, count: int) -> list[FinalStanding]:
    """Rows of a final run, or of one segment of it, from a place on."""
    rows = conn.execute(
        "SELECT place, rank, player, score FROM final_standing WHERE board = %s AND run = %s AND segment = %s"
        " AND place >= %s ORDER BY place LIMIT %s",
        (run.board, run.run, segment, start, count),
    )
    return [FinalStanding(*row) for row in rows]


def final_place(conn: Connection, run: FinalRun, segment: str, player: int) -> int | None:
    """A player's place from 0 in a final run, or in one segment of it."""
    row = conn.execute(
        "SELECT place FROM final_standing WHERE board = %s AND run = %s AND segment = %s AND player = %s",
        (run.board, run.run, segment, player),
    ).fetchone()
    return None if row is None else int(row[0])


def final_total(conn: Connection, run: FinalRun, segment: str) -> int:
    """How many players a final run has, or one segment of it."""
    if not segment:
        return run.total
    row = conn.execute(
        "SELECT coalesce(max(place) + 1, 0) FROM final_standing WHERE board = %s AND run = %s AND segment = %s",
        (run.board, run.run, segment),
    ).fetchone()
    return 0 if row is None else int(row[0])


def is_older_entry_waiting(conn: Connection, received_before: datetime) -> bool:
    """Whether an entry received before a moment still waits to be applied."""
    row = conn.execute("SELECT EXISTS (SELECT FROM inbox WHERE received_at < %s)", (received_before,)).fetchone()
    return bool(row and row[0])


def write_final(conn: Connection, run: FinalRun, rows: Iterable[tuple[str, int, int, int, float]]) -> None:
    """Write a final run with its standings (segment, place, rank, player, score); a second call changes nothing."""
    written = conn.execute(
        "INSERT INTO board_run (board, run, starts_at, ends_at, finalised_at, total) VALUES (%s, %s, %s, %s, %s, %s)"
        " ON CONFLICT DO NOTHING RETURNING board",
        (run.board, run.run, run.starts_at, run.ends_at, run.finalised_at, run.total),
    ).fetchone()
    if written is None:
        return
    with (
        conn.cursor() as cursor,
        cursor.copy("COPY final_standing (board, run, segment, place, rank, player, score) FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row((run.board, run.run, *row))
