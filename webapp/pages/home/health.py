"""How the parts are doing: each measured now, in words and with a mark."""

from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic

from webapp.http.access import settings
from webapp.queue.server_state import QueueState, queue_state
from webapp.store.system import monitoring, webhook_deliveries
from webapp.store.system.connection import Connection
from webapp.store.system.failing_chores import FailingChore


@dataclass(frozen=True, slots=True)
class HealthLine:
    """One part: live, paused (needs attention) or down."""

    part: str
    state: str
    text: str


def lines(conn: Connection, failing: Sequence[FailingChore]) -> list[HealthLine]:
    """Database, Valkey, workers, beat with its `failing` chores, webhooks."""
    return [_postgres(conn), *_queue(), _beat(conn, failing), _webhooks(conn)]


def _postgres(conn: Connection) -> HealthLine:
    started = monotonic()
    monitoring.check_tables(conn)
    milliseconds = _milliseconds((monotonic() - started) * 1000)
    if not monitoring.is_history_protected(conn):
        return HealthLine("PostgreSQL", "paused", f"{milliseconds}; history is not protected from changes")
    return HealthLine("PostgreSQL", "live", milliseconds)


def _queue() -> list[HealthLine]:
    state = queue_state(settings())
    if not isinstance(state, QueueState):
        return [
            HealthLine("Valkey", "down", "away; numbers refresh every 10 s"),
            HealthLine("Workers", "paused", "the beat does their work"),
        ]
    count = state.worker_count
    workers = HealthLine("Workers", "live" if count else "down", f"{count} running" if count else "none")
    return [HealthLine("Valkey", "live", _milliseconds(state.milliseconds)), workers]


def _beat(conn: Connection, failing: Sequence[FailingChore]) -> HealthLine:
    if not monitoring.is_beat_leading(conn):
        return HealthLine("Beat", "down", "nobody leads")
    if failing:
        return HealthLine("Beat", "paused", f"failing: {', '.join(chore.name for chore in failing)}")
    return HealthLine("Beat", "live", "leader")


def _webhooks(conn: Connection) -> HealthLine:
    given_up, retrying = webhook_deliveries.trouble_counts(conn)
    if given_up:
        return HealthLine("Webhooks", "down", f"{given_up:,} given up today")
    if retrying:
        return HealthLine("Webhooks", "paused", f"{retrying:,} retrying")
    return HealthLine("Webhooks", "live", "nothing waiting")


def _milliseconds(milliseconds: float) -> str:
    return f"{milliseconds:.1f} ms"
