"""Rebuilding projections from Postgres: into keys of a new epoch, which then begins."""

import contextlib
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

import redis

from engine.scoring import metrics
from engine.scoring.rulebook.leaderboard import CompiledLeaderboard
from engine.scoring.rulebook.rulebook import Rulebook
from webapp.config import Settings
from webapp.projections import epoch, leaderboards
from webapp.projections.leaderboards import PlayerScore
from webapp.projections.redis import BulkSender, Redis, cache_redis
from webapp.runtime.clock import now_micros
from webapp.store.players import leaderboard_standings
from webapp.store.players.leaderboard_standings import BoardScores
from webapp.store.rules import rulebooks
from webapp.store.system.connection import connect

PAGE = 1_000
"""Players, whose whole states are in memory at once.

Small enough that Redis, and Postgres, have work in their sockets' buffers while a page is packed: so all three work at
once, without threads that would fight for the interpreter.
"""

RENEW_SECONDS = 1.0
WAIT_SECONDS = 0.2
RunKey: TypeAlias = tuple[str, str]
"""A board and the id of one of its runs."""


def rebuild(settings: Settings) -> int:
    """Rebuild all leaderboards and return how many players were read.

    One process rebuilds at a time: this waits for another that has begun, and then reads all states anew.
    """
    while (players := _attempt(settings)) is None:
        time.sleep(WAIT_SECONDS)
    return players


def rebuild_if_lost(settings: Settings) -> None:
    """Rebuild if there is no epoch and nobody is building one; if that fails, the next call tries again."""
    if not epoch.is_current(settings):
        _attempt(settings)


def _attempt(settings: Settings) -> int | None:
    """Rebuild and return how many players were read; None if another rebuilds, or if Redis lost what was written.

    The old epoch ends first: what a relay wrote before that is in the states that are read now, and what
    commits later waits in the outbox until the new epoch has begun.
    """
    cache, name = cache_redis(settings), epoch.fresh()
    if not epoch.claim(cache, name):
        return None
    try:
        old = epoch.current(cache)
        epoch.end(cache)
        if old is not None:
            _drop(cache, old)
        players = _copy(settings, cache, name)
        if players is not None and epoch.begin(cache, name):
            return players
    except BaseException:
        with contextlib.suppress(redis.RedisError):
            epoch.release(cache, name)
        raise
    _drop(cache, name)
    return None


def _copy(settings: Settings, cache: Redis, name: str) -> int | None:
    """Write the scores of all players, page by page, and return how many these are; None once the lease is lost."""
    players, renewed_at = 0, time.monotonic()
    with connect(settings.database_url) as conn, BulkSender(cache) as sender:
        book = rulebooks.live(conn)
        shown = _shown_runs(book)
        for rows in leaderboard_standings.board_scores(conn, PAGE):
            if time.monotonic() - renewed_at > RENEW_SECONDS:
                if not epoch.renew(cache, name):
                    return None
                renewed_at = time.monotonic()
            leaderboards.fill(sender, name, _scores_by_run(book, shown, rows))
            players += len(rows)
    return players


@dataclass(frozen=True, slots=True)
class ShownRun:
    """A run that is shown from Redis; `ordinal` as states have it."""

    board: CompiledLeaderboard
    ordinal: str
    key: RunKey


def _shown_runs(book: Rulebook) -> dict[str, list[ShownRun]]:
    """The runs that are shown from Redis, by board: the present one, and the one before."""
    shown: dict[str, list[ShownRun]] = {}
    now = now_micros()
    for board in book.boards.values():
        present = board.run_at(now)
        runs = [present] if board.window == "all_time" else [present, board.run(present.ordinal - 1)]
        shown[board.key] = [ShownRun(board, str(run.ordinal), (board.key, run.id)) for run in runs]
    return shown


def _scores_by_run(
    book: Rulebook, shown: dict[str, list[ShownRun]], rows: Iterable[BoardScores]
) -> dict[RunKey, list[PlayerScore]]:
    scores: dict[RunKey, list[PlayerScore]] = {run.key: [] for runs in shown.values() for run in runs}
    for row in rows:
        for board, by_ordinal in row.boards.items():
            for run in shown.get(board, ()):
                pair = by_ordinal.get(run.ordinal)
                if not pair:
                    continue
                score = pair[0] if run.board.metric is None else shown_score(book, run.board, pair[0])
                if isinstance(score, (int, float)):
                    scores[run.key].append(
                        PlayerScore(row.player, row.version, score, pair[1], row.segments.get(board))
                    )
    return scores


def shown_score(book: Rulebook, board: CompiledLeaderboard, stored: object) -> object:
    """A stored score as people read it: metrics are kept in millionths."""
    if board.metric is None:
        return stored
    metric = book.metrics.get(board.metric)
    if metric is not None and isinstance(stored, list) is not (metric.aggregate == "last"):
        return None  # left from what the metric was before; its history is being counted anew
    return metrics.as_fact(metric.aggregate, stored) if metric else None


def _drop(cache: Redis, name: str) -> None:
    """Delete the keys of an epoch that is over."""
    with contextlib.suppress(redis.RedisError):
        for key in cache.scan_iter(match=f"lb:*:{name}:*", count=1000):
            cache.unlink(key)
        cache.unlink(leaderboards.runs_key(name))
