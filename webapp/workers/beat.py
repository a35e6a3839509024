"""The beat: what makes the house go on when a hint was lost, a worker died or Redis is away.

One beat leads, by a lease with the database's clock. All its work has derived ids or takes a lock, so two that
both think they lead do no harm.
"""

import os
import signal
import socket
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FrameType

import psycopg
import redis
import structlog

from webapp.config import Settings
from webapp.projections.redis import queue_redis
from webapp.queue import wakeups
from webapp.runtime import logs
from webapp.services.pipeline.drain_connections import Desk, sit_down
from webapp.services.pipeline.drain_lane import Pace, batch_max, drain_round
from webapp.store.events import shards
from webapp.store.system.connection import bound_pools
from webapp.workers import chores

log = structlog.get_logger()

LEASE = "beat"
LEASE_SECONDS = 5.0
BEAT_SECONDS = 0.5
OLD_SECONDS = 5.0
DRAIN_SECONDS = 2.0
BACK_OFF_SECONDS = 1.0


@dataclass(slots=True)
class Beat:
    """One beat process: who it is, whether it goes on, and when each chore was last done."""

    settings: Settings
    holder: str = field(default_factory=lambda: f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}")
    is_stopped: bool = False
    done_at: dict[str, float] = field(default_factory=dict)

    def stop(self, _signal: int, _frame: FrameType | None) -> None:
        self.is_stopped = True


def main() -> None:
    """What the supervisor starts: beat until told to stop."""
    logs.set_up()
    beat = Beat(Settings.from_environment())
    bound_pools(beat.settings.pool_size)
    signal.signal(signal.SIGTERM, beat.stop)
    signal.signal(signal.SIGINT, beat.stop)
    while not beat.is_stopped:
        time.sleep(BEAT_SECONDS if _beat(beat) else BACK_OFF_SECONDS)


def _beat(beat: Beat) -> bool:
    try:
        with sit_down(beat.settings) as desk:
            if shards.take_lease(desk.side, LEASE, beat.holder, LEASE_SECONDS):
                once(beat, desk)
    except psycopg.Error as error:
        log.warning("database_away", error=str(error))
        return False
    return True


def once(beat: Beat, desk: Desk) -> None:
    """One round of everything: work that waits first, then the chores that are due."""
    call_or_drain(desk)
    for name, seconds, chore in chores.CHORES:
        now = time.monotonic()
        if now - beat.done_at.get(name, -seconds) >= seconds:
            beat.done_at[name] = now
            _do(beat.settings, name, chore)


def _do(settings: Settings, name: str, chore: Callable[[Settings], object]) -> None:
    """One chore; the database's errors end the round, everything else only the chore."""
    try:
        chore(settings)
    except psycopg.Error:
        raise
    except redis.RedisError as error:
        log.warning("queue_away", chore=name, error=str(error))
    except Exception:  # a chore that fails must not stop the beat, and shows in the log
        log.exception("chore_failed", chore=name)


def call_or_drain(desk: Desk) -> None:
    """Hint where work waits and no flag stands; drain here what is old, or everything while Redis is away."""
    waiting = shards.waiting(desk.side, shards.ALL)
    if not waiting:
        return
    is_away = not _call(desk.settings, waiting)
    drain_here(desk, older_than_seconds=0 if is_away else OLD_SECONDS)


def drain_here(desk: Desk, *, older_than_seconds: float) -> int:
    """Drain for a moment in this process what is older than that; shards whose lock is taken are left alone."""
    ends, pace, total = time.monotonic() + DRAIN_SECONDS, Pace(batch_max()), 0
    while time.monotonic() < ends:
        done = drain_round(desk, list(shards.ALL), pace, older_than_seconds=older_than_seconds)
        total += done
        if not done:
            break
    return total


def _call(settings: Settings, waiting: list[int]) -> bool:
    """Hint the lanes without a flag; false while Redis is away."""
    try:
        queue_redis(settings).ping()
        uncalled = [shard for shard in waiting if not wakeups.is_flagged(settings, shard % settings.workers)]
    except redis.RedisError:
        return False
    return wakeups.hint(settings, uncalled)


if __name__ == "__main__":
    main()
