"""Liveness, readiness and metrics of this process, for load balancers and Prometheus."""

from collections.abc import Iterator
from hmac import compare_digest

from flask import Blueprint, Response, current_app, jsonify, request
from prometheus_client import CollectorRegistry, PlatformCollector, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from psycopg import Error as DatabaseError
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Unauthorized

from webapp.http.access import allow, settings
from webapp.http.problems import register_problem_handlers
from webapp.store.system import monitoring
from webapp.store.system.connection import connect

blueprint = Blueprint("ops", __name__)
register_problem_handlers(blueprint)


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
            monitoring.check_tables(conn)
    except DatabaseError:
        return jsonify(status="unavailable", reason="postgres"), 503
    return jsonify(status="ready"), 200


@blueprint.get("/metrics")
@allow(public=True)
def metrics() -> Response:
    """Gauges in Prometheus' text format, read from Postgres on each request; the same from every process.

    Raises Unauthorized without the token that LAUREL_METRICS_TOKEN asks for, if it does.
    """
    _require_metrics_token()
    registry = CollectorRegistry()
    registry.register(BacklogCollector(_database_url()))
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    return current_app.response_class(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _require_metrics_token() -> None:
    token = settings().metrics_token
    if token is None:
        return
    scheme, _, sent = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not compare_digest(sent.strip().encode(), token.encode()):
        raise Unauthorized("LAUREL_METRICS_TOKEN required", www_authenticate=WWWAuthenticate("bearer"))


def _database_url() -> str:
    return settings().database_url


class BacklogCollector:
    """Reads all gauges at once; with Postgres down it reports only that."""

    def __init__(self, database_url: str) -> None:
        self.database_url = database_url

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield `laurel_up`, then every gauge if Postgres answers."""
        try:
            with connect(self.database_url) as conn:
                readings = monitoring.read_gauges(conn)
        except DatabaseError:
            readings = []
        yield GaugeMetricFamily("laurel_up", "Whether Postgres answers", value=float(bool(readings)))
        for reading in readings:
            yield GaugeMetricFamily(reading.name, reading.description, value=reading.value)
