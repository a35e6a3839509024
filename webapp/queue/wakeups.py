"""Hints: a word to a lane that work waits; losing one costs time, never an entry.

A lane's flag stays up from the first hint until the drain that the hint queued has looked for the last time, so that a
thousand requests make one job. The flag expires by itself, in case that job is lost.
"""

import time
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, TypeAlias

import redis
import structlog
from rq import Queue
from rq.serializers import JSONSerializer

from webapp.config import Settings
from webapp.projections.redis import queue_redis

log = structlog.get_logger()

FLAG_SECONDS = 10  # if the job is lost, the first hint after this queues another
HELD_FLAG_SECONDS = 3  # renewed in every round; a worker that dies keeps hints from making jobs no longer than this
AWAY_SECONDS = 1.0  # how long Redis is left alone once it did not answer
WAKES_MAX = 4  # one ends a linger; the list must not grow while nobody takes from it
JOB_SECONDS_MAX = 120  # runs last about ten seconds: this ends one that hangs
SLOW_QUEUE = "slow"
DRAIN_LANE = "webapp.services.pipeline.drain_lane.drain_lane"
_away_until: dict[str, float] = {}

Lane: TypeAlias = int | str
"""A lane of shards by its number, a lane of games or a poll loop by its name."""


class LaneJob(NamedTuple):
    """What drains a lane: an RQ queue, the dotted name of a function, and the lane's number as its argument."""

    queue: str
    function: str
    lane: int


def flag_key(lane: Lane) -> str:
    return f"hint:lane:{lane}"


def wake_key(lane: Lane) -> str:
    return f"wake:lane:{lane}"


def drain_queue(lane: int) -> str:
    """The queue of a lane of shards; one worker serves it and it alone."""
    return f"drain-{lane}"


def hint(settings: Settings, shards: Iterable[int]) -> bool:
    """Queue the drains of these shards; false, at once, while Redis is away: the beat does their work then."""
    lanes = sorted({shard % settings.workers for shard in shards})
    return hint_lanes(settings, {lane: LaneJob(drain_queue(lane), DRAIN_LANE, lane) for lane in lanes})


def hint_unflagged(settings: Settings, shards: Iterable[int]) -> bool:
    """Queue the drains of those shards whose lane's flag is down; false while Redis is away."""
    try:
        unflagged = [shard for shard in shards if not is_flagged(settings, shard % settings.workers)]
    except redis.RedisError:
        return False
    return hint(settings, unflagged)


def hint_lanes(settings: Settings, jobs: Mapping[Any, LaneJob]) -> bool:
    """Queue the jobs of those lanes whose flag is down, and wake those that linger; false while Redis is away."""
    if not jobs or time.monotonic() < _away_until.get(settings.queue_url, 0):
        return not jobs
    try:
        _raise_flags(settings, jobs)
    except redis.RedisError as error:
        _away_until[settings.queue_url] = time.monotonic() + AWAY_SECONDS
        log.warning("redis_unavailable", error=str(error))
        return False
    return True


def _raise_flags(settings: Settings, jobs: Mapping[Any, LaneJob]) -> None:
    with queue_redis(settings).pipeline(transaction=False) as pipe:
        for lane in jobs:
            pipe.set(flag_key(lane), "called", nx=True, ex=FLAG_SECONDS)
            pipe.lpush(wake_key(lane), 1)
            pipe.ltrim(wake_key(lane), 0, WAKES_MAX - 1)
        replies = pipe.execute()
    for job, was_down in zip(jobs.values(), replies[::3], strict=True):
        if was_down:
            enqueue(settings, *job)


def enqueue(settings: Settings, queue: str, function: str, *arguments: Any, seconds_max: int = JOB_SECONDS_MAX) -> None:
    """Put a job into a queue; it keeps no result, and nothing depends on its being run."""
    Queue(queue, connection=queue_redis(settings), serializer=JSONSerializer).enqueue(
        function, args=arguments, result_ttl=0, failure_ttl=3600, job_timeout=seconds_max
    )


def try_enqueue(
    settings: Settings, queue: str, function: str, *arguments: Any, seconds_max: int = JOB_SECONDS_MAX
) -> bool:
    """As `enqueue`, but false while Redis is away."""
    try:
        enqueue(settings, queue, function, *arguments, seconds_max=seconds_max)
    except redis.RedisError as error:
        log.warning("redis_unavailable", error=str(error))
        return False
    return True


def hold_flag(settings: Settings, lane: Lane) -> None:
    """Keep the flag up while the lane is drained, and forget the wakes so far; call it before looking for work.

    While Redis is away, does nothing.
    """
    try:
        with queue_redis(settings).pipeline(transaction=False) as pipe:
            pipe.set(flag_key(lane), "held", ex=HELD_FLAG_SECONDS)
            pipe.delete(wake_key(lane))
            pipe.execute()
    except redis.RedisError as error:
        log.warning("redis_unavailable", lane=lane, error=str(error))


def drop_flag(settings: Settings, lane: Lane) -> None:
    """Take the flag down, and look for work once more afterwards. While Redis is away, does nothing."""
    try:
        queue_redis(settings).delete(flag_key(lane))
    except redis.RedisError as error:
        log.warning("redis_unavailable", lane=lane, error=str(error))


def is_flagged(settings: Settings, lane: Lane) -> bool:
    """Whether a lane's flag is up. Raises `redis.RedisError` while Redis is away."""
    return bool(queue_redis(settings).exists(flag_key(lane)))


def wait_for_wake(settings: Settings, lane: Lane, seconds: float) -> bool:
    """Whether the lane is woken within so many seconds. Raises `redis.RedisError` while Redis is away."""
    return queue_redis(settings).blpop([wake_key(lane)], timeout=seconds) is not None
