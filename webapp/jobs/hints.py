"""Hints: one word to a lane that work waits; losing one costs time, never an entry.

A lane's flag stands from the first hint until the drain that it called has looked for the last time, so that a
thousand requests make one job. It runs out by itself, should the job be lost.
"""

import time
from collections.abc import Iterable
from typing import Any

import redis
import structlog
from rq import Queue
from rq.serializers import JSONSerializer

from webapp.config import Settings
from webapp.projections.redis import queue_redis

log = structlog.get_logger()

CALLED_SECONDS = 10
HELD_SECONDS = 3
AWAY_SECONDS = 1.0
WAKES_KEPT = 4
JOB_SECONDS_MAX = 120
_away_until: dict[str, float] = {}


def flag(lane: int) -> str:
    return f"hint:lane:{lane}"


def wake(lane: int) -> str:
    return f"wake:lane:{lane}"


def hint(settings: Settings, shards: Iterable[int]) -> bool:
    """Call the drains of these shards; false, at once, while Redis is away: the beat does their work then."""
    lanes = sorted({shard % settings.workers for shard in shards})
    if not lanes or time.monotonic() < _away_until.get(settings.queue_url, 0):
        return not lanes
    try:
        _hint(settings, lanes)
    except redis.RedisError as error:
        _away_until[settings.queue_url] = time.monotonic() + AWAY_SECONDS
        log.warning("queue_away", error=str(error))
        return False
    return True


def _hint(settings: Settings, lanes: list[int]) -> None:
    server = queue_redis(settings)
    with server.pipeline(transaction=False) as pipe:
        for lane in lanes:
            pipe.set(flag(lane), "called", nx=True, ex=CALLED_SECONDS)
            pipe.lpush(wake(lane), 1)
            pipe.ltrim(wake(lane), 0, WAKES_KEPT - 1)
        answers = pipe.execute()
    for lane, is_new in zip(lanes, answers[::3], strict=True):
        if is_new:
            enqueue(settings, f"drain-{lane}", "webapp.jobs.drain_lane.drain_lane", lane)


def enqueue(settings: Settings, queue: str, function: str, *arguments: Any) -> None:
    """Put one job into a queue; it keeps no result, and nobody depends on its being run."""
    Queue(queue, connection=queue_redis(settings), serializer=JSONSerializer).enqueue(
        function, args=arguments, result_ttl=0, failure_ttl=3600, job_timeout=JOB_SECONDS_MAX
    )


def try_enqueue(settings: Settings, queue: str, function: str, *arguments: Any) -> bool:
    """As `enqueue`, but false while Redis is away."""
    try:
        enqueue(settings, queue, function, *arguments)
    except redis.RedisError as error:
        log.warning("queue_away", error=str(error))
        return False
    return True


def hold(settings: Settings, lane: int) -> None:
    """Keep the flag up while the lane is drained, and forget the wakes so far; call before looking."""
    with queue_redis(settings).pipeline(transaction=False) as pipe:
        pipe.set(flag(lane), "held", ex=HELD_SECONDS)
        pipe.delete(wake(lane))
        pipe.execute()


def is_woken(settings: Settings, lane: int, seconds: float) -> bool:
    """Wait so long for a wake."""
    return queue_redis(settings).blpop([wake(lane)], timeout=seconds) is not None


def let_go(settings: Settings, lane: int) -> None:
    """Take the flag down; look once more afterwards."""
    queue_redis(settings).delete(flag(lane))


def is_called(settings: Settings, lane: int) -> bool:
    """Whether a lane's flag stands."""
    return bool(queue_redis(settings).exists(flag(lane)))
