"""How the parts are: each measured now, in words and with a mark."""

from dataclasses import dataclass
from time import monotonic

from webapp.http.access import settings
from webapp.queue.server_state import QueueState, queue_state
from webapp.store.system import deliveries, monitoring
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
    monitoring.check_tables(conn)
    return Health("PostgreSQL", "live", _milliseconds((monotonic() - started) * 1000))


def _queue() -> list[Health]:
    state = queue_state(settings())
    if not isinstance(state, QueueState):
        return [
            Health("Valkey", "down", "away; numbers refresh every 10 s"),
            Health("Workers", "paused", "the beat does their work"),
        ]
    count = state.worker_count
    workers = Health("Workers", "live" if count else "down", f"{count} running" if count else "none")
    return [Health("Valkey", "live", _milliseconds(state.milliseconds)), workers]


def _beat(conn: Connection) -> Health:
    is_there = monitoring.is_beat_leading(conn)
    return Health("Beat", "live" if is_there else "down", "leader" if is_there else "nobody leads")


def _webhooks(conn: Connection) -> Health:
    given_up, retrying = deliveries.trouble_counts(conn)
    if given_up:
        return Health("Webhooks", "down", f"{given_up:,} given up today")
    if retrying:
        return Health("Webhooks", "paused", f"{retrying:,} retrying")
    return Health("Webhooks", "live", "nothing waiting")


def _milliseconds(milliseconds: float) -> str:
    return f"{milliseconds:.1f} ms"
