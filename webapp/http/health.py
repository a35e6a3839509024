"""Liveness, readiness and metrics of this process, for load balancers and Prometheus."""

from collections.abc import Iterator
from typing import LiteralString

from flask import Blueprint, Response, current_app, jsonify
from prometheus_client import CollectorRegistry, PlatformCollector, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from psycopg import Connection
from psycopg import Error as DatabaseError
from psycopg.rows import TupleRow

from webapp.config import Settings
from webapp.http.access import allow
from webapp.store.system.connection import connect

blueprint = Blueprint("ops", __name__)

OLDEST_PENDING = """
    SELECT coalesce(extract(epoch FROM clock_timestamp() - min(entry.received_at)), 0)
    FROM (SELECT received_on, seq FROM inbox ORDER BY seq LIMIT 1) AS oldest
    JOIN entry USING (received_on, seq)"""

GAUGES: dict[str, tuple[str, LiteralString]] = {
    "laurel_pending_entries": ("Accepted entries waiting to be applied", "SELECT count(*) FROM inbox"),
    "laurel_pending_age_seconds": ("Age of the oldest entry waiting to be applied", OLDEST_PENDING),
    "laurel_outbox_batches": ("Applied batches waiting to be projected", "SELECT count(*) FROM outbox"),
    "laurel_parked_entries": (
        "Entries parked until an operator decides",
        "SELECT count(*) FROM parked WHERE replayed_at IS NULL",
    ),
    "laurel_applied_entries": ("Entries applied since installation", "SELECT coalesce(sum(n), 0) FROM shard"),
    "laurel_players": ("Players ever seen", "SELECT count(*) FROM player"),
}


@blueprint.get("/healthz")
@allow(public=True)
def alive() -> Response:
    """This process answers; nothing else is checked."""
    return jsonify(status="alive")


@blueprint.get("/readyz")
@allow(public=True)
def ready() -> tuple[Response, int]:
    """Events can be accepted: Postgres answers and its tables exist. Redis may be down."""
    try:
        with connect(_database_url()) as conn:
            conn.execute("SELECT 1 FROM shard LIMIT 1")
    except DatabaseError:
        return jsonify(status="unavailable", reason="postgres"), 503
    return jsonify(status="ready"), 200


@blueprint.get("/metrics")
@allow(public=True)
def metrics() -> Response:
    """Gauges in Prometheus' text format, read from Postgres on each request; the same from every process."""
    registry = CollectorRegistry()
    registry.register(BacklogCollector(_database_url()))
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    return current_app.response_class(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _database_url() -> str:
    settings: Settings = current_app.config["LAUREL"]
    return settings.database_url


class BacklogCollector:
    """Reads all gauges at once; with Postgres down it reports only that."""

    def __init__(self, database_url: str) -> None:
        self.database_url = database_url

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield `laurel_up`, then every gauge if Postgres answers."""
        try:
            with connect(self.database_url) as conn:
                values = {name: _number(conn, sql) for name, (_, sql) in GAUGES.items()}
        except DatabaseError:
            values = {}
        yield GaugeMetricFamily("laurel_up", "Whether Postgres answers", value=float(bool(values)))
        for name, value in values.items():
            yield GaugeMetricFamily(name, GAUGES[name][0], value=value)


def _number(conn: Connection[TupleRow], sql: LiteralString) -> float:
    row = conn.execute(sql).fetchone()
    return float(row[0]) if row else 0.0
