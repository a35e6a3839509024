"""The drain of a lane: all its shards that have work, batch after batch, for about ten seconds."""

import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import redis
import structlog

from webapp.config import Settings
from webapp.queue import wakeups
from webapp.queue.lane_loop import LaneLoop, run_lane
from webapp.services.pipeline import rule_faults
from webapp.services.pipeline.drain_connections import Desk, sit_down
from webapp.services.pipeline.relay import relay
from webapp.services.pipeline.run_batch import run_batch
from webapp.store.events import shards

log = structlog.get_logger()

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
    """What RQ runs: apply what waits in this lane's shards."""
    settings = Settings.from_environment()
    own_shards, pace = shards.lane_of(lane, settings.workers), Pace(batch_max())
    run_lane(
        settings,
        LaneLoop(
            lane,
            connect=partial(sit_down, settings),
            drain_round=lambda desk: drain_round(desk, own_shards, pace),
            find_waiting=lambda desk: shards.waiting(desk.side, own_shards),
            hint=partial(wakeups.hint, settings),
        ),
    )


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
