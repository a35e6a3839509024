"""Hints: one word to a lane that work waits; losing one costs time, never an entry.

A lane's flag stands from the first hint until the drain that it called has looked for the last time, so that a
thousand requests make one job. It runs out by itself, should the job be lost.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

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
DRAIN_LANE = "webapp.services.pipeline.drain_lane.drain_lane"
_away_until: dict[str, float] = {}

Lane: TypeAlias = int | str
"""A lane of shards by its number, a lane of games by its name."""

Step: TypeAlias = Callable[[Settings, Lane], object]


def flag(lane: Lane) -> str:
    return f"hint:lane:{lane}"


def wake(lane: Lane) -> str:
    return f"wake:lane:{lane}"


def hint(settings: Settings, shards: Iterable[int]) -> bool:
    """Call the drains of these shards; false, at once, while Redis is away: the beat does their work then."""
    lanes = sorted({shard % settings.workers for shard in shards})
    return call(settings, {lane: (f"drain-{lane}", DRAIN_LANE, lane) for lane in lanes})


def call(settings: Settings, lanes: Mapping[Any, tuple[str, str, int]]) -> bool:
    """Call the drain (queue, function, its lane) of each of these lanes that is not called yet."""
    if not lanes or time.monotonic() < _away_until.get(settings.queue_url, 0):
        return not lanes
    try:
        _call(settings, lanes)
    except redis.RedisError as error:
        _away_until[settings.queue_url] = time.monotonic() + AWAY_SECONDS
        log.warning("queue_away", error=str(error))
        return False
    return True


def _call(settings: Settings, lanes: Mapping[Any, tuple[str, str, int]]) -> None:
    server = queue_redis(settings)
    with server.pipeline(transaction=False) as pipe:
        for lane in lanes:
            pipe.set(flag(lane), "called", nx=True, ex=CALLED_SECONDS)
            pipe.lpush(wake(lane), 1)
            pipe.ltrim(wake(lane), 0, WAKES_KEPT - 1)
        answers = pipe.execute()
    for words, is_new in zip(lanes.values(), answers[::3], strict=True):
        if is_new:
            enqueue(settings, *words)


def enqueue(settings: Settings, queue: str, function: str, *arguments: Any, seconds_max: int = JOB_SECONDS_MAX) -> None:
    """Put one job into a queue; it keeps no result, and nobody depends on its being run."""
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
        log.warning("queue_away", error=str(error))
        return False
    return True


def hold(settings: Settings, lane: Lane) -> None:
    """Keep the flag up while the lane is drained, and forget the wakes so far; call before looking."""
    with queue_redis(settings).pipeline(transaction=False) as pipe:
        pipe.set(flag(lane), "held", ex=HELD_SECONDS)
        pipe.delete(wake(lane))
        pipe.execute()


def is_woken(settings: Settings, lane: Lane, seconds: float) -> bool:
    """Wait so long for a wake."""
    return queue_redis(settings).blpop([wake(lane)], timeout=seconds) is not None


def let_go(settings: Settings, lane: Lane) -> None:
    """Take the flag down; look once more afterwards."""
    queue_redis(settings).delete(flag(lane))


def is_called(settings: Settings, lane: Lane) -> bool:
    """Whether a lane's flag stands."""
    return bool(queue_redis(settings).exists(flag(lane)))
