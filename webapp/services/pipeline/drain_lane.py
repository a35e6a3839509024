"""Draining a lane: all its shards that have work, batch after batch."""

import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from webapp.config import Settings
from webapp.queue import wakeups
from webapp.queue.lane_loop import LaneLoop, run_lane
from webapp.services.pipeline import rule_faults
from webapp.services.pipeline.batch import DrainConnections
from webapp.services.pipeline.isolate_failing_entry import apply_waiting
from webapp.services.pipeline.relay import try_relay
from webapp.store.events import shards

RELAY_EVERY_SECONDS = 0.05
BATCH_MAX = 500
BATCH_MIN = 20
SLOW_BATCH_SECONDS = 1.0


@dataclass(slots=True)
class Pace:
    """How many entries a batch may hold: fewer after a slow one, so that no transaction lasts long."""

    limit: int = BATCH_MAX

    def adapt(self, seconds: float) -> None:
        """Take note of how long a batch took."""
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
    lane_shards, pace = shards.of_lane(lane, settings.workers), Pace(batch_max())
    run_lane(
        settings,
        LaneLoop(
            lane,
            connect=partial(DrainConnections.open, settings),
            drain_round=lambda connections: drain_round(connections, lane_shards, pace),
            find_waiting=lambda connections: shards.waiting(connections.autocommit, lane_shards),
            hint=partial(wakeups.hint, settings),
        ),
    )


def drain_round(
    connections: DrainConnections, shard_numbers: Sequence[int], pace: Pace, *, older_than_seconds: float = 0
) -> int:
    """Run a batch of each of these shards that has work, the oldest first; returns how many entries left the inbox."""
    finished, relayed_at = 0, time.monotonic()
    waiting = shards.waiting_counts(
        connections.autocommit, shard_numbers, pace.limit, older_than_seconds=older_than_seconds
    )
    for batch in _batches(waiting, pace):
        began_at = time.monotonic()
        finished += apply_waiting(connections, batch, pace.limit)
        pace.adapt(time.monotonic() - began_at)
        if time.monotonic() - relayed_at > RELAY_EVERY_SECONDS:
            try_relay(connections.settings)
            relayed_at = time.monotonic()
    if finished:
        try_relay(connections.settings)
        rule_faults.pause_failing(connections.settings)
    return finished


def _batches(waiting: Sequence[tuple[int, int]], pace: Pace) -> Iterator[list[int]]:
    """Put shards together, in their order, as long as all that waits in them fits into one batch.

    The pace may change between two of them.
    """
    batch, total = list[int](), 0
    for shard, count in waiting:
        if batch and total + count > pace.limit:
            yield batch
            batch, total = [], 0
        batch.append(shard)
        total += count
    if batch:
        yield batch
