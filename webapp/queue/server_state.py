"""How the queue's Redis server is, for people."""

from dataclasses import dataclass
from time import monotonic

from webapp.config import Settings
from webapp.projections.redis import RedisError, queue_redis


@dataclass(frozen=True, slots=True)
class QueueState:
    """The queue's server: how long it took to answer, its version, and how many RQ workers are registered."""

    milliseconds: float
    version: str
    worker_count: int


def queue_state(settings: Settings) -> QueueState | RedisError:
    """Ask the server now; the error where it is away."""
    server = queue_redis(settings)
    try:
        started_at = monotonic()
        server.ping()
        milliseconds = (monotonic() - started_at) * 1000
        version = str(server.info("server").get("redis_version", "?"))
        return QueueState(milliseconds, version, int(server.scard("rq:workers")))
    except RedisError as error:
        return error
