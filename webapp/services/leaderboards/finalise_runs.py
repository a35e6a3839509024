"""Finalising: a run whose time for late entries is over is written down once, from the players' states."""

from collections.abc import Iterator
from datetime import timedelta

from engine.scoring.rulebook.board import CompiledLeaderboard, LeaderboardRun
from engine.scoring.rulebook.rulebook import Rulebook
from webapp.config import Settings
from webapp.projections.rebuild import shown_score
from webapp.runtime.clock import from_micros, now_micros
from webapp.store.players import standings
from webapp.store.players.standings import FinalRun
from webapp.store.rules import rulebooks
from webapp.store.system.connection import Connection, connect

SETTLING = timedelta(seconds=60)
RUNS_BACK = 3
PAGE = 5_000


def finalise(settings: Settings) -> int:
    """Write every run that has become final and give how many; each in a transaction of its own."""
    with connect(settings.database_url) as conn:
        book = rulebooks.live(conn)
        due = [(board, run) for board in book.boards.values() for run in _ended(board)]
        due = [(board, run) for board, run in due if _is_due(conn, board, run)]
        conn.rollback()
        for board, run in due:
            _write(conn, book, board, run)
            conn.commit()
    return len(due)


def _ended(board: CompiledLeaderboard) -> list[LeaderboardRun]:
    if board.window == "all_time":
        return []
    present = board.run_at(now_micros())
    return [board.run(present.ordinal - back) for back in range(1, RUNS_BACK + 1)]


def _is_due(conn: Connection, board: CompiledLeaderboard, run: LeaderboardRun) -> bool:
    assert run.ends_at is not None
    closes = from_micros(run.ends_at) + timedelta(hours=board.late_hours)
    if from_micros(now_micros()) < closes + SETTLING or standings.final_run(conn, board.key, run.id):
        return False
    return not standings.is_older_entry_waiting(conn, closes)


def _write(conn: Connection, book: Rulebook, board: CompiledLeaderboard, run: LeaderboardRun) -> None:
    pairs = standings.spilled_scores(conn, board.key, run.ordinal)
    segments: dict[int, str] = {}
    after = 0
    while rows := standings.board_scores(conn, after, PAGE):
        after = rows[-1].player
        found = {row.player: row.boards.get(board.key, {}).get(str(run.ordinal)) for row in rows}
        pairs |= {player: pair for player, pair in found.items() if pair}
        segments |= {row.player: segment for row in rows if (segment := row.segments.get(board.key))}
    shown = [(player, shown_score(book, board, pair[0]), pair[1]) for player, pair in pairs.items()]
    scored = [(player, float(score), reached) for player, score, reached in shown if isinstance(score, (int, float))]
    scored.sort(key=lambda row: (-row[1], row[2]))
    assert run.starts_at is not None
    assert run.ends_at is not None
    final = FinalRun(
        board.key, run.id, from_micros(run.starts_at), from_micros(run.ends_at), from_micros(now_micros()), len(scored)
    )
    standings.write_final(conn, final, _standings(scored, segments))


def _standings(
    scored: list[tuple[int, float, int]], segments: dict[int, str]
) -> Iterator[tuple[str, int, int, int, float]]:
    """The whole board, then each segment ranked by itself."""
    parts: dict[str, list[tuple[int, float, int]]] = {"": scored}
    for row in scored:
        if row[0] in segments:
            parts.setdefault(segments[row[0]], []).append(row)
    for segment, rows in parts.items():
        for place, rank_, player, score in _ranked(rows):
            yield segment, place, rank_, player, score


def _ranked(scored: list[tuple[int, float, int]]) -> list[tuple[int, int, int, float]]:
    """Competition ranks: 1, 2, 2, 4."""
    found: list[tuple[int, int, int, float]] = []
    for place, (player, score, _) in enumerate(scored):
        ties = bool(found) and found[-1][3] == score
        found.append((place, found[-1][1] if ties else place + 1, player, score))
    return found
