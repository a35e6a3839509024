"""The loop that drains a lane of shards or of games: drain while there is work, linger, drop the flag, look again."""

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Generic, TypeVar

import psycopg
import redis
import structlog

from webapp.config import Settings
from webapp.queue import wakeups
from webapp.runtime import shutdown

log = structlog.get_logger()

RUN_SECONDS = 10.0  # far below the time after which RQ kills a job, whatever its last batch takes
LINGER_SECONDS = 0.2  # waiting a moment for the next hint costs less than a new job
POLL_SECONDS = 0.02

Opened = TypeVar("Opened")
Place = TypeVar("Place")


@dataclass(frozen=True, slots=True)
class LaneLoop(Generic[Opened, Place]):
    """One lane and how it is drained. A place is a shard or a game: something in which entries or plays wait."""

    lane: wakeups.Lane
    connect: Callable[[], AbstractContextManager[Opened]]
    """Opens whatever `drain_round` and `find_waiting` work on."""
    drain_round: Callable[[Opened], int]
    """Goes over the lane's places once and returns how much it finished; 0 means there was nothing to do."""
    find_waiting: Callable[[Opened], Sequence[Place]]
    """Returns the lane's places in which something waits."""
    hint: Callable[[Sequence[Place]], object]
    """Asks for these places to be drained by another job."""


def run_lane(settings: Settings, loop: LaneLoop[Opened, Place]) -> None:
    """Drain for about ten seconds, or until nothing comes for a moment. Database errors end it; the beat asks again."""
    try:
        with loop.connect() as opened:
            _drain_while_there_is_work(settings, loop, opened)
    except psycopg.Error as error:
        log.warning("database_unavailable", lane=loop.lane, error=str(error))
    finally:
        wakeups.drop_flag(settings, loop.lane)
    _hint_latecomers(loop)


def _drain_while_there_is_work(settings: Settings, loop: LaneLoop[Opened, Place], opened: Opened) -> None:
    ends_at = time.monotonic() + RUN_SECONDS
    while time.monotonic() < ends_at and not shutdown.is_requested():
        wakeups.hold_flag(settings, loop.lane)
        if not loop.drain_round(opened) and not _linger(settings, loop, opened):
            return


def _linger(settings: Settings, loop: LaneLoop[Opened, Place], opened: Opened) -> bool:
    """Wait a moment for a wake; without Redis, by polling the database."""
    try:
        return wakeups.wait_for_wake(settings, loop.lane, LINGER_SECONDS)
    except redis.RedisError:
        ends_at = time.monotonic() + LINGER_SECONDS
        while time.monotonic() < ends_at:
            time.sleep(POLL_SECONDS)
            if loop.find_waiting(opened):
                return True
        return False


def _hint_latecomers(loop: LaneLoop[Opened, Place]) -> None:
    """Hint again for what arrived between the last round and the drop: the flag was up, so its own hint made no job."""
    try:
        with loop.connect() as opened:
            waiting = loop.find_waiting(opened)
    except psycopg.Error:
        return
    loop.hint(waiting)
