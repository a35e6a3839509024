"""Rebuilding projections from Postgres: into keys of a new epoch, which then begins."""

import contextlib
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeAlias

import redis

from engine.scoring import metrics
from engine.scoring.rulebook.leaderboard import CompiledLeaderboard
from engine.scoring.rulebook.rulebook import Rulebook
from webapp.config import Settings
from webapp.projections import epoch, leaderboards
from webapp.projections.leaderboards import PlayerScore
from webapp.projections.redis import Redis, cache_redis
from webapp.runtime.clock import now_micros
from webapp.store.players import leaderboard_standings
from webapp.store.players.leaderboard_standings import BoardScores
from webapp.store.rules import rulebooks
from webapp.store.system.connection import connect

PAGE = 2_000
"""Players, whose whole states are in memory at once."""

WRITERS = 2
"""Pages on their way into Redis at once: while it takes in one, the next is packed and a third is read."""

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
    players = after = 0
    writing: deque[Future[None]] = deque()
    with ThreadPoolExecutor(WRITERS, "rebuild") as writers:
        while True:
            with connect(settings.database_url) as conn:
                book = rulebooks.live(conn)
                rows = leaderboard_standings.board_scores(conn, after, PAGE)
            if not rows:
                break
            if len(writing) == WRITERS:
                writing.popleft().result()
            if not epoch.renew(cache, name):
                return None
            writing.append(writers.submit(leaderboards.fill, cache, name, _runs(book, rows)))
            after, players = rows[-1].player, players + len(rows)
    for written in writing:
        written.result()
    return players


def _runs(book: Rulebook, rows: list[BoardScores]) -> dict[RunKey, list[PlayerScore]]:
    """The scores of the runs that are shown from Redis: the present one of each board, and the one before."""
    scores: dict[RunKey, list[PlayerScore]] = {}
    now = now_micros()
    for board in book.boards.values():
        present = board.run_at(now)
        runs = [present] if board.window == "all_time" else [present, board.run(present.ordinal - 1)]
        for run in runs:
            scores[board.key, run.id] = list(_scores(book, board, str(run.ordinal), rows))
    return scores


def _scores(book: Rulebook, board: CompiledLeaderboard, ordinal: str, rows: list[BoardScores]) -> Iterator[PlayerScore]:
    key, is_shown_as_stored = board.key, board.metric is None
    for row in rows:
        by_run = row.boards.get(key)
        pair = by_run and by_run.get(ordinal)
        if pair:
            score = pair[0] if is_shown_as_stored else shown_score(book, board, pair[0])
            if isinstance(score, (int, float)):
                yield PlayerScore(row.player, row.version, score, pair[1], row.segments.get(key))


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
