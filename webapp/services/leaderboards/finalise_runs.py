"""Finalising: a run whose time for late entries is over is written once, from the players' states."""

from collections.abc import Iterator
from datetime import timedelta

from engine.scoring.rulebook.leaderboard import CompiledLeaderboard, LeaderboardRun
from engine.scoring.rulebook.rulebook import Rulebook
from webapp.config import Settings
from webapp.projections.rebuild import shown_score
from webapp.runtime.clock import from_micros, now_micros
from webapp.store.players import leaderboard_standings
from webapp.store.players.leaderboard_standings import FinalRun
from webapp.store.rules import rulebooks
from webapp.store.system.connection import Connection, connect

SETTLING = timedelta(seconds=60)  # for entries that were accepted in time and are being applied
RUNS_BACK = 3
PAGE = 2_000


def finalise(settings: Settings) -> int:
    """Write every run that has become final, each in its own transaction; returns how many."""
    with connect(settings.database_url) as conn:
        book = rulebooks.live(conn)
        due = [(board, run) for board in book.boards.values() for run in _ended_runs(board)]
        due = [(board, run) for board, run in due if _is_due(conn, board, run)]
        conn.rollback()
        for board, run in due:
            _write(conn, book, board, run)
            conn.commit()
    return len(due)


def _ended_runs(board: CompiledLeaderboard) -> list[LeaderboardRun]:
    if board.window == "all_time":
        return []
    present = board.run_at(now_micros())
    return [board.run(present.ordinal - back) for back in range(1, RUNS_BACK + 1)]


def _is_due(conn: Connection, board: CompiledLeaderboard, run: LeaderboardRun) -> bool:
    assert run.ends_at is not None
    closes = from_micros(run.ends_at) + timedelta(hours=board.late_hours)
    if from_micros(now_micros()) < closes + SETTLING or leaderboard_standings.final_run(conn, board.key, run.id):
        return False
    return not leaderboard_standings.is_older_entry_waiting(conn, closes)


def _write(conn: Connection, book: Rulebook, board: CompiledLeaderboard, run: LeaderboardRun) -> None:
    scores = leaderboard_standings.spilled_scores(conn, board.key, run.ordinal)
    segments: dict[int, str] = {}
    for rows in leaderboard_standings.board_scores(conn, PAGE):
        for row in rows:
            score = row.boards.get(board.key, {}).get(str(run.ordinal))
            if score:
                scores[row.player] = list(score)
        segments |= {row.player: segment for row in rows if (segment := row.segments.get(board.key))}
    shown_scores = [(player, shown_score(book, board, stored), reached) for player, (stored, reached) in scores.items()]
    ordered = [
        (player, float(score), reached) for player, score, reached in shown_scores if isinstance(score, (int, float))
    ]
    ordered.sort(key=lambda row: (-row[1], row[2]))
    assert run.starts_at is not None
    assert run.ends_at is not None
    final = FinalRun(
        board.key, run.id, from_micros(run.starts_at), from_micros(run.ends_at), from_micros(now_micros()), len(ordered)
    )
    leaderboard_standings.write_final(conn, final, _standings(ordered, segments))


def _standings(
    ordered: list[tuple[int, float, int]], segments: dict[int, str]
) -> Iterator[tuple[str, int, int, int, float]]:
    """The whole board, then each segment ranked by itself: segment, place, rank, player, score."""
    by_segment: dict[str, list[tuple[int, float, int]]] = {"": ordered}
    for row in ordered:
        if row[0] in segments:
            by_segment.setdefault(segments[row[0]], []).append(row)
    for segment, rows in by_segment.items():
        for place, rank, player, score in _ranked(rows):
            yield segment, place, rank, player, score


def _ranked(ordered: list[tuple[int, float, int]]) -> list[tuple[int, int, int, float]]:
    """Place, competition rank (1, 2, 2, 4), player, score."""
    rows: list[tuple[int, int, int, float]] = []
    for place, (player, score, _) in enumerate(ordered):
        is_tie = bool(rows) and rows[-1][3] == score
        rows.append((place, rows[-1][1] if is_tie else place + 1, player, score))
    return rows
