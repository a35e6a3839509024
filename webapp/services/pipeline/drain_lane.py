"""The drain of a lane: all its shards that have work, batch after batch, for about ten seconds."""

import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import psycopg
import redis
import structlog

from webapp.config import Settings
from webapp.queue import wakeups
from webapp.runtime import shutdown
from webapp.services.pipeline import rule_faults
from webapp.services.pipeline.drain_connections import Desk, sit_down
from webapp.services.pipeline.relay import relay
from webapp.services.pipeline.run_batch import run_batch
from webapp.store.events import shards

log = structlog.get_logger()

RUN_SECONDS = 10.0
LINGER_SECONDS = 0.2
POLL_SECONDS = 0.02
RELAY_EVERY_SECONDS = 0.05
RELAY_ROWS = 500
BATCH_MAX = 500
BATCH_MIN = 20
SLOW_BATCH_SECONDS = 1.0


@dataclass(slots=True)
class Pace:
    """How many entries a batch may hold: fewer after a slow one, so that no transaction lasts long."""

    limit: int = BATCH_MAX

    def learn(self, seconds: float) -> None:
        if seconds > SLOW_BATCH_SECONDS:
            self.limit = max(BATCH_MIN, self.limit // 2)
        elif seconds < SLOW_BATCH_SECONDS / 2:
            self.limit = min(batch_max(), self.limit * 2)


def batch_max() -> int:
    """The largest batch; LAUREL_BATCH_MAX sets it, for tests that compare sizes."""
    return int(os.environ.get("LAUREL_BATCH_MAX", BATCH_MAX))


def drain_lane(lane: int) -> None:
    """What RQ runs: drain, linger for more, end. Errors of the database end the job; the beat calls the next."""
    settings = Settings.from_environment()
    mine = shards.lane_of(lane, settings.workers)
    try:
        with sit_down(settings) as desk:
            _drain_while_there_is_work(desk, lane, mine)
    except psycopg.Error as error:
        log.warning("database_away", lane=lane, error=str(error))
    finally:
        _let_go(settings, lane)
    _look_once_more(settings, mine)


def _drain_while_there_is_work(desk: Desk, lane: int, mine: list[int]) -> None:
    ends, pace = time.monotonic() + RUN_SECONDS, Pace(batch_max())
    while time.monotonic() < ends and not shutdown.is_asked():
        _hold(desk.settings, lane)
        if not drain_round(desk, mine, pace) and not _linger(desk, lane, mine):
            return


def drain_round(desk: Desk, mine: list[int], pace: Pace, *, older_than_seconds: float = 0) -> int:
    """Run batches over the shards that have work, oldest first, each once; gives how many entries left the inbox."""
    done, relayed_at = 0, time.monotonic()
    for together in _batches(shards.crowds(desk.side, mine, pace.limit, older_than_seconds=older_than_seconds), pace):
        began = time.monotonic()
        done += run_batch(desk, together, pace.limit)
        pace.learn(time.monotonic() - began)
        if time.monotonic() - relayed_at > RELAY_EVERY_SECONDS:
            after(desk.settings)
            relayed_at = time.monotonic()
    if done:
        after(desk.settings)
        rule_faults.pause_failing(desk.settings)
    return done


def _batches(crowds: Sequence[tuple[int, int]], pace: Pace) -> Iterator[list[int]]:
    """Put shards together, in their order, as long as what waits in them is no more than one batch may hold.

    The pace may change between two of them.
    """
    together, total = list[int](), 0
    for shard, waiting in crowds:
        if together and total + waiting > pace.limit:
            yield together
            together, total = [], 0
        together.append(shard)
        total += waiting
    if together:
        yield together


def after(settings: Settings) -> None:
    """What follows a commit: the relay takes the word out; Redis away, it waits in the outbox."""
    try:
        relay(settings, RELAY_ROWS)
    except redis.RedisError as error:
        log.warning("relay_away", error=str(error))


def _linger(desk: Desk, lane: int, mine: list[int]) -> bool:
    """Wait a moment for more work; without Redis by looking into the inbox again and again."""
    try:
        return wakeups.is_woken(desk.settings, lane, LINGER_SECONDS)
    except redis.RedisError:
        ends = time.monotonic() + LINGER_SECONDS
        while time.monotonic() < ends:
            time.sleep(POLL_SECONDS)
            if shards.waiting(desk.side, mine):
                return True
        return False


def _hold(settings: Settings, lane: int) -> None:
    try:
        wakeups.hold(settings, lane)
    except redis.RedisError:
        log.warning("queue_away", lane=lane)


def _let_go(settings: Settings, lane: int) -> None:
    try:
        wakeups.let_go(settings, lane)
    except redis.RedisError:
        log.warning("queue_away", lane=lane)


def _look_once_more(settings: Settings, mine: list[int]) -> None:
    """What came in after the last look and before the flag fell found the flag standing: call for it now."""
    try:
        with sit_down(settings) as desk:
            waiting = shards.waiting(desk.conn, mine)
    except psycopg.Error:
        return
    wakeups.hint(settings, waiting)
