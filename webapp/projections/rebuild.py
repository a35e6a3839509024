"""Rebuilding projections from Postgres: into keys of a new epoch, which then begins."""

import contextlib
from collections.abc import Iterator

import redis

from engine.scoring import metrics
from engine.scoring.rulebook.board import CompiledLeaderboard
from engine.scoring.rulebook.rulebook import Rulebook
from webapp.config import Settings
from webapp.projections import boards, epoch
from webapp.projections.boards import PlayerScore
from webapp.projections.redis import Redis, cache_redis
from webapp.runtime.clock import now_micros
from webapp.store.players import standings
from webapp.store.players.standings import BoardScores
from webapp.store.rules import rulebooks
from webapp.store.system.connection import connect

PAGE = 5_000


def rebuild(settings: Settings) -> int:
    """Rebuild all leaderboards and return how many players were read.

    The old epoch ends first: what a relay wrote before that is in the states that are read now, and what
    commits later waits in the outbox until the new epoch has begun.
    """
    cache, name, count = cache_redis(settings), epoch.fresh(), 0
    old = epoch.current(cache)
    epoch.end(cache)
    after = 0
    while True:
        with connect(settings.database_url) as conn:
            book = rulebooks.live(conn)
            rows = standings.board_scores(conn, after, PAGE)
        if not rows:
            break
        boards.write(cache, name, _runs(book, rows))
        after, count = rows[-1].player, count + len(rows)
    epoch.begin(cache, name)
    if old is not None:
        _drop(cache, old)
    return count


def _runs(book: Rulebook, rows: list[BoardScores]) -> dict[tuple[str, str], list[PlayerScore]]:
    """The scores of the runs that are shown from Redis: the present one of each board, and the one before."""
    scores: dict[tuple[str, str], list[PlayerScore]] = {}
    now = now_micros()
    for board in book.boards.values():
        present = board.run_at(now)
        runs = [present] if board.window == "all_time" else [present, board.run(present.ordinal - 1)]
        for run in runs:
            scores[board.key, run.id] = list(_scores(book, board, run.ordinal, rows))
    return scores


def _scores(book: Rulebook, board: CompiledLeaderboard, ordinal: int, rows: list[BoardScores]) -> Iterator[PlayerScore]:
    for row in rows:
        pair = row.boards.get(board.key, {}).get(str(ordinal))
        score = pair and shown_score(book, board, pair[0])
        if pair and isinstance(score, (int, float)):
            yield PlayerScore(row.player, row.version, score, pair[1], row.segments.get(board.key))


def shown_score(book: Rulebook, board: CompiledLeaderboard, stored: object) -> object:
    """A stored score as people read it: metrics are kept in millionths."""
    if board.metric is None:
        return stored
    metric = book.metrics.get(board.metric)
    if metric is not None and isinstance(stored, list) is not (metric.aggregate == "last"):
        return None  # left from what the metric was before; its history is being counted anew
    return metrics.as_fact(metric.aggregate, stored) if metric else None


def _drop(cache: Redis, old: str) -> None:
    with contextlib.suppress(redis.RedisError):
        for key in cache.scan_iter(match=f"lb:*:{old}:*", count=1000):
            cache.unlink(key)
        cache.unlink(boards.runs_key(old))
