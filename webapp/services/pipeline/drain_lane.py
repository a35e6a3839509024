"""Draining a lane: all its shards that have work, batch after batch."""

import os
import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

from webapp.config import Settings
from webapp.queue import wakeups
from webapp.queue.lane_loop import LaneLoop, run_lane
from webapp.services.pipeline import rule_faults
from webapp.services.pipeline.apply_batch import BatchBounds, DrainConnections, FinishedBatch
from webapp.services.pipeline.isolate_failing_entry import apply_waiting
from webapp.services.pipeline.relay_outbox import try_relay
from webapp.services.pipeline.rule_matches import MatchCounts
from webapp.store.events import shards

RELAY_EVERY_SECONDS = 0.05  # leaderboards move during a long drain, not only at its end
BATCH_MAX = 500
BATCH_MIN = 20  # with fewer, the transaction costs more than its entries
SLOW_BATCH_SECONDS = 0.5
PASSED_OVER_SECONDS = 5.0


@dataclass(slots=True)
class Pace:
    """How many entries a batch may hold, and which players come last because theirs made a batch too long.

    `slow_limit` is for batches that contain entries of these players. It outlives a lane's jobs, for a job ends after
    ten seconds and what makes batches slow does not. It also carries the matches that are not written yet.
    """

    limit: int = BATCH_MAX
    slow_limit: int = BATCH_MIN
    slow_until: dict[int, float] = field(default_factory=dict)
    matches: MatchCounts = field(default_factory=MatchCounts)

    def pass_over(self, players: Iterable[int]) -> None:
        """Let these players come last for a few seconds."""
        until = time.monotonic() + PASSED_OVER_SECONDS
        self.slow_until.update(dict.fromkeys(players, until))

    def passed_over(self) -> list[int]:
        """The players who come last at the moment."""
        now = time.monotonic()
        self.slow_until = {player: until for player, until in self.slow_until.items() if until > now}
        return list(self.slow_until)


_pace_of_lane: dict[tuple[str, int], Pace] = {}


def batch_max() -> int:
    """The largest batch; LAUREL_BATCH_MAX sets it, for tests that compare sizes."""
    return int(os.environ.get("LAUREL_BATCH_MAX", BATCH_MAX))


def drain_lane(lane: int) -> None:
    """What RQ runs: apply what waits in this lane's shards."""
    settings = Settings.from_environment()
    lane_shards = shards.of_lane(lane, settings.workers)
    pace = _pace_of_lane.setdefault((settings.database_url, lane), Pace(batch_max()))
    run_lane(
        settings,
        LaneLoop(
            lane,
            connect=partial(_open_and_count, settings, lane_shards[0], pace),
            drain_round=lambda connections: drain_round(connections, lane_shards, pace),
            find_waiting=lambda connections: shards.waiting(connections.autocommit, lane_shards),
            hint=partial(wakeups.hint, settings),
        ),
    )


@contextmanager
def _open_and_count(settings: Settings, shard: int, pace: Pace) -> Iterator[DrainConnections]:
    """Open the connections of a drain, and write the matches that are left when it ends."""
    with DrainConnections.open(settings) as connections:
        yield connections
        pace.matches.write(connections.autocommit, shard)


def drain_round(
    connections: DrainConnections, shard_numbers: Sequence[int], pace: Pace, *, older_than_seconds: float = 0
) -> int:
    """Run a batch of each of these shards that has work, the oldest first; returns how many entries left the inbox.

    Players who made an earlier batch too long come last: one batch of one shard, when all others had their turn.
    """
    finished, relayed_at, passed_over = 0, time.monotonic(), pace.passed_over()
    waiting = shards.waiting_counts(
        connections.autocommit, shard_numbers, pace.limit, older_than_seconds=older_than_seconds
    )
    for batch in _batches(waiting, pace):
        finished += _run_others(connections, batch, pace, passed_over)
        if time.monotonic() - relayed_at > RELAY_EVERY_SECONDS:
            try_relay(connections.settings)
            relayed_at = time.monotonic()
    if passed_over and waiting:
        finished += _run_slow(connections, waiting[0][0], pace)
    pace.matches.write_if_due(connections.autocommit, shard_numbers[0])
    if finished:
        try_relay(connections.settings)
        rule_faults.pause_failing(connections.settings)
    return finished


def _run_others(connections: DrainConnections, batch: Sequence[int], pace: Pace, passed_over: Collection[int]) -> int:
    """Run a batch without the players who come last, and let the pace learn from it, even if it fails."""
    began_at, finished = time.monotonic(), FinishedBatch(is_cut_off=True)
    try:
        finished = apply_waiting(connections, batch, BatchBounds(pace.limit, passed_over))
        pace.pass_over(finished.slow_players)
        pace.matches.add(finished.matches)
    finally:
        pace.limit = adapted(pace.limit, time.monotonic() - began_at, finished)
    return finished.count


def _run_slow(connections: DrainConnections, shard: int, pace: Pace) -> int:
    """Run a batch of whatever waits in a shard."""
    began_at, finished = time.monotonic(), FinishedBatch(is_cut_off=True)
    try:
        finished = apply_waiting(connections, [shard], BatchBounds(pace.slow_limit))
        pace.pass_over(finished.slow_players)
        pace.matches.add(finished.matches)
    finally:
        pace.slow_limit = adapted(pace.slow_limit, time.monotonic() - began_at, finished)
    return finished.count


def adapted(limit: int, seconds: float, finished: FinishedBatch) -> int:
    """How many entries the next batch may hold: fewer after one that took long, failed or was cut off."""
    if finished.is_cut_off or seconds > SLOW_BATCH_SECONDS:
        return max(BATCH_MIN, limit // 2)
    if finished.count and seconds < SLOW_BATCH_SECONDS / 2:
        return min(batch_max(), limit * 2)
    return limit


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
