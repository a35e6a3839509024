"""The drain of games: a worker decides what waits, batch after batch, for about ten seconds.

Each game belongs to a worker, which hints wake. Who is awake also decides in the games of others, as long as nobody
else does: a few busy games must not all wait for the one worker to which they happen to belong.
"""

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
HELP_FROM = 2 * BATCH_MAX
"""After a round of so many plays in several games the other workers are woken: they find more than one game busy."""

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
    """What RQ runs: decide what waits in this lane's games, and in others where nobody does."""
    settings = Settings.from_environment()
    run_lane(
        settings,
        LaneLoop(
            lane_name(lane),
            connect=partial(connect, settings.database_url),
            drain_round=lambda conn: drain_lane_first(conn, settings, lane),
            find_waiting=lambda conn: _of_lane(_waiting(conn), settings, lane),
            hint=partial(hint_games, settings),
        ),
    )


def drain_lane_first(conn: Connection, settings: Settings, lane: int) -> int:
    """One batch of each game in which plays wait, the lane's own first; returns how many plays were decided.

    Where others decide in all of them, one of the lane's own is waited for.
    """
    waiting = _waiting(conn)
    own_games = _of_lane(waiting, settings, lane)
    decided = drain_round(conn, settings, [*own_games, *(game for game in waiting if game not in own_games)])
    if not decided and own_games:
        return drain_round(conn, settings, own_games[:1], waits=True)
    if decided >= HELP_FROM and len(waiting) > 1:
        hint_lanes(settings, range(settings.workers))
    return decided


def _of_lane(games: Sequence[str], settings: Settings, lane: int) -> list[str]:
    return [game for game in games if lane_of(game, settings.workers) == lane]


def drain_round(conn: Connection, settings: Settings, games: Sequence[str], *, waits: bool = False) -> int:
    """One batch of each of these games; returns how many plays were decided.

    A game that another transaction has locked is passed over, with `waits` only after the session's lock_timeout.
    """
    decided = 0
    for game in games:
        try:
            done = decide_batch(conn, settings, game, BATCH_MAX, waits=waits)
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
