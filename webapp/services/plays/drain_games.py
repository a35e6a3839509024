"""The drain of games: a worker decides what waits in all its games, batch after batch, for about ten seconds."""

from collections.abc import Collection, Sequence
from functools import partial
from hashlib import blake2b

import psycopg

from webapp.config import Settings
from webapp.projections.play_signals import notify_streams
from webapp.queue import wakeups
from webapp.queue.lane_loop import LaneLoop, run_lane
from webapp.services.coupons import poll_providers
from webapp.services.plays.play_batch import decide_batch
from webapp.store.campaigns import plays, reservations
from webapp.store.system.connection import Connection, connect

BATCH_MAX = 500
OLD_SECONDS = 5.0
DRAIN_GAMES = "webapp.services.plays.drain_games.drain_games"


def lane_of(game: str, lanes: int) -> int:
    """The worker that decides a game's plays."""
    return int.from_bytes(blake2b(game.encode(), digest_size=4).digest()) % lanes


def lane_name(lane: int) -> str:
    """How hints call a lane of games."""
    return f"plays-{lane}"


def hint_games(settings: Settings, games: Sequence[str]) -> bool:
    """Queue the drains of these games; false, at once, while Redis is away: the beat decides then."""
    return hint_lanes(settings, {lane_of(game, settings.workers) for game in games})


def hint_lanes(settings: Settings, lanes: Collection[int]) -> bool:
    """Queue these lanes' drains, whatever waits there."""
    jobs = {lane_name(lane): wakeups.LaneJob(lane_name(lane), DRAIN_GAMES, lane) for lane in lanes}
    return wakeups.hint_lanes(settings, jobs)


def drain_games(lane: int) -> None:
    """What RQ runs: decide what waits in this lane's games."""
    settings = Settings.from_environment()

    def find_waiting(conn: Connection) -> list[str]:
        return [game for game in _waiting(conn) if lane_of(game, settings.workers) == lane]

    run_lane(
        settings,
        LaneLoop(
            lane_name(lane),
            connect=partial(connect, settings.database_url),
            drain_round=lambda conn: drain_round(conn, settings, find_waiting(conn)),
            find_waiting=find_waiting,
            hint=partial(hint_games, settings),
        ),
    )


def drain_round(conn: Connection, settings: Settings, games: Sequence[str]) -> int:
    """One batch of each of these games; gives how many plays were decided."""
    decided = 0
    for game in games:
        try:
            done = decide_batch(conn, settings, game, BATCH_MAX)
        except psycopg.errors.LockNotAvailable:  # another decides there
            conn.rollback()
            continue
        if done:
            notify_streams(settings, game, [queued.name for queued in done])
        decided += len(done)
    if decided and reservations.any_due(conn):
        poll_providers.hint_providers(settings)
    conn.rollback()
    return decided


def drain_old(settings: Settings) -> None:
    """What the beat does: hint where plays wait and no flag is up, decide here what waits too long."""
    with connect(settings.database_url) as conn:
        waiting = _waiting(conn)
        if not waiting:
            return
        is_called = hint_games(settings, waiting)
        old = plays.waiting_games(conn, older_than_seconds=OLD_SECONDS if is_called else 0)
        conn.rollback()
        drain_round(conn, settings, old)


def _waiting(conn: Connection) -> list[str]:
    games = plays.waiting_games(conn)
    conn.rollback()
    return games
