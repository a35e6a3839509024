"""The kinds of RQ workers: one for each lane of shards or games, which never forks, and the slow one, which does."""

import signal
import time
from typing import Any

from redis import Redis, RedisError
from rq import Queue, SimpleWorker, Worker
from rq.serializers import JSONSerializer

from webapp.config import Settings
from webapp.queue import wakeups
from webapp.runtime import logs, shutdown
from webapp.services.plays import drain_games
from webapp.store.system.connection import bound_pools
from webapp.supervisor.child import die_with_parent

MAINTENANCE_SECONDS = 30
CONNECTION_WAIT_SECONDS_MAX = 2.0


class LaneWorker(SimpleWorker):
    """Runs jobs in its own process: connections and compiled rules stay warm from one drain to the next."""

    max_connection_wait_time = CONNECTION_WAIT_SECONDS_MAX

    def handle_warm_shutdown_request(self) -> None:
        """Let a running drain end after its current batch: one that is killed has to be run again entry by entry."""
        shutdown.request()
        super().handle_warm_shutdown_request()  # type: ignore[no-untyped-call]  # RQ types only a part of itself


class SlowWorker(Worker):
    """Forks for each job, so that a job's memory goes with it; the fork does not outlive its worker."""

    max_connection_wait_time = CONNECTION_WAIT_SECONDS_MAX

    def main_work_horse(self, job: Any, queue: Any) -> None:
        """Make the forked process die with this one, then do as RQ does."""
        die_with_parent(self.pid or 0, signal.SIGKILL)()
        super().main_work_horse(job, queue)


def wait_for(connection: Redis) -> None:
    """Return once Redis answers; until then the beat drains what waits."""
    while True:
        try:
            connection.ping()
        except RedisError:
            time.sleep(1)
        else:
            return


def hint_own_lane(settings: Settings, kind: str, lane: int) -> None:
    """Clear the flag that a killed worker of this lane may have left, and have its lane drained now."""
    if kind == "plays":
        wakeups.drop_flag(settings, drain_games.lane_name(lane))
        drain_games.hint_lanes(settings, [lane])
    else:
        wakeups.drop_flag(settings, lane)
        wakeups.hint(settings, [lane])


def queue_of(arguments: list[str]) -> str:
    """The one queue that this worker serves."""
    if arguments[0] == "drain":
        return wakeups.drain_queue(int(arguments[1]))
    return drain_games.lane_name(int(arguments[1])) if arguments[0] == "plays" else wakeups.SLOW_QUEUE


def main(arguments: list[str]) -> None:
    """Work until stopped by a signal; the arguments are `drain LANE`, `plays LANE` or `slow`."""
    logs.set_up()
    settings = Settings.from_environment()
    bound_pools(settings.pool_size)
    connection = Redis.from_url(settings.queue_url)
    wait_for(connection)
    is_lane = arguments[0] != wakeups.SLOW_QUEUE
    if is_lane:
        hint_own_lane(settings, arguments[0], int(arguments[1]))
    queue = Queue(queue_of(arguments), connection=connection, serializer=JSONSerializer)
    kind = LaneWorker if is_lane else SlowWorker
    worker = kind(
        [queue],
        connection=connection,
        serializer=JSONSerializer,
        maintenance_interval=MAINTENANCE_SECONDS,
        log_job_description=False,
    )
    worker.work(logging_level="WARNING")
