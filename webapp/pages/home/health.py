"""How the parts are: each measured now, in words and with a mark."""

from dataclasses import dataclass
from time import monotonic

import redis

from webapp.http.access import settings
from webapp.projections.redis import queue_redis
from webapp.store.system import deliveries
from webapp.store.system.connection import Connection


@dataclass(frozen=True, slots=True)
class Health:
    """One part: live, paused (asks for a person) or down."""

    part: str
    state: str
    text: str


def lines(conn: Connection) -> list[Health]:
    """Database, Valkey, workers, beat, webhooks."""
    return [_postgres(conn), *_queue(), _beat(conn), _webhooks(conn)]


def _postgres(conn: Connection) -> Health:
    started = monotonic()
    conn.execute("SELECT 1")
    return Health("PostgreSQL", "live", _milliseconds(started))


def _queue() -> list[Health]:
    try:
        server = queue_redis(settings())
        started = monotonic()
        server.ping()
        took = _milliseconds(started)
        count = int(server.scard("rq:workers"))
    except redis.RedisError:
        return [
            Health("Valkey", "down", "away; numbers refresh every 10 s"),
            Health("Workers", "paused", "the beat does their work"),
        ]
    workers = Health("Workers", "live" if count else "down", f"{count} at work" if count else "none")
    return [Health("Valkey", "live", took), workers]


def _beat(conn: Connection) -> Health:
    row = conn.execute("SELECT until > clock_timestamp() FROM lease WHERE name = 'beat'").fetchone()
    is_there = row is not None and row[0]
    return Health("Beat", "live" if is_there else "down", "leader" if is_there else "nobody leads")


def _webhooks(conn: Connection) -> Health:
    given_up, retrying = deliveries.troubled(conn)
    if given_up:
        return Health("Webhooks", "down", f"{given_up:,} given up today")
    if retrying:
        return Health("Webhooks", "paused", f"{retrying:,} retrying")
    return Health("Webhooks", "live", "none waits")


def _milliseconds(started: float) -> str:
    return f"{(monotonic() - started) * 1000:.1f} ms"
