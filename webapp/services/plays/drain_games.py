"""The drain of games: a worker decides what waits in all its games, batch after batch, for about ten seconds."""

import time
from collections.abc import Collection, Sequence
from hashlib import blake2b

import psycopg
import redis
import structlog

from webapp.config import Settings
from webapp.queue import wakeups
from webapp.runtime import shutdown
from webapp.services.coupons import poll_providers
from webapp.services.plays.notify_streams import tell
from webapp.services.plays.play_batch import run
from webapp.store.campaigns import plays, reservations
from webapp.store.system.connection import Connection, connect

log = structlog.get_logger()

RUN_SECONDS = 10.0
LINGER_SECONDS = 0.2
POLL_SECONDS = 0.02
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
    """Call the drains of these games; false, at once, while Redis is away: the beat decides then."""
    return call_lanes(settings, {lane_of(game, settings.workers) for game in games})


def call_lanes(settings: Settings, lanes: Collection[int]) -> bool:
    """Call these lanes' drains, whatever waits there."""
    return wakeups.call(settings, {lane_name(lane): (lane_name(lane), DRAIN_GAMES, lane) for lane in lanes})


def drain_games(lane: int) -> None:
    """What RQ runs: decide, linger for more, end. Errors of the database end the job; the beat calls the next."""
    settings = Settings.from_environment()
    try:
        with connect(settings.database_url) as conn:
            _drain_while_there_is_work(conn, settings, lane)
    except psycopg.Error as error:
        log.warning("database_away", lane=lane_name(lane), error=str(error))
    finally:
        _quietly(wakeups.let_go, settings, lane_name(lane))
    _look_once_more(settings, lane)


def _drain_while_there_is_work(conn: Connection, settings: Settings, lane: int) -> None:
    ends = time.monotonic() + RUN_SECONDS
    while time.monotonic() < ends and not shutdown.is_asked():
        _quietly(wakeups.hold, settings, lane_name(lane))
        games = [game for game in _waiting(conn) if lane_of(game, settings.workers) == lane]
        if not drain_round(conn, settings, games) and not _linger(conn, settings, lane):
            return


def drain_round(conn: Connection, settings: Settings, games: Sequence[str]) -> int:
    """One batch of each of these games; gives how many plays were decided."""
    decided = 0
    for game in games:
        try:
            done = run(conn, settings, game, BATCH_MAX)
        except psycopg.errors.LockNotAvailable:  # another decides there
            conn.rollback()
            continue
        if done:
            tell(settings, game, [queued.name for queued in done])
        decided += len(done)
    if decided and reservations.are_waiting(conn):
        poll_providers.call(settings)
    conn.rollback()
    return decided


def drain_old(settings: Settings) -> None:
    """What the beat does: hint where plays wait and no flag stands, decide here what waits too long."""
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


def _linger(conn: Connection, settings: Settings, lane: int) -> bool:
    try:
        return wakeups.is_woken(settings, lane_name(lane), LINGER_SECONDS)
    except redis.RedisError:
        ends = time.monotonic() + LINGER_SECONDS
        while time.monotonic() < ends:
            time.sleep(POLL_SECONDS)
            if _waiting(conn):
                return True
        return False


def _quietly(step: "wakeups.Step", settings: Settings, name: str) -> None:
    try:
        step(settings, name)
    except redis.RedisError:
        log.warning("queue_away", lane=name)


def _look_once_more(settings: Settings, lane: int) -> None:
    """What came in after the last look and before the flag fell found the flag standing: call for it now."""
    try:
        with connect(settings.database_url) as conn:
            mine = [game for game in _waiting(conn) if lane_of(game, settings.workers) == lane]
    except psycopg.Error:
        return
    hint_games(settings, mine)
