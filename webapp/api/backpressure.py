"""Backpressure: while the backlog is too long, senders are told to come back, and when."""

from threading import Lock
from time import monotonic

from flask import current_app

from webapp.api.problems import ApiProblem
from webapp.http.access import settings
from webapp.store.events.backlog import BacklogMeasure, measure
from webapp.store.system.connection import connect

FRESH_SECONDS = 0.2
COST_FACTOR = 20  # a measurement stays fresh for this many times as long as it took, so that measuring stays cheap
RETRY_SECONDS_MIN, RETRY_SECONDS_MAX = 1, 60
RELIEF = 0.8  # senders come back when the backlog should have shrunk to this share of its limit


class BacklogGauge:
    """This process's view of the backlog; one thread at a time measures, the others use the last measurement."""

    def __init__(self) -> None:
        self._measuring = Lock()
        self._last_two: tuple[BacklogMeasure, BacklogMeasure] | None = None
        self._fresh_until = 0.0

    def retry_after(self, database_url: str, limit: int) -> int | None:
        """Seconds after which a sender should try again; None while the backlog is below its limit."""
        if monotonic() >= self._fresh_until and self._measuring.acquire(blocking=False):
            try:
                self._measure(database_url, limit)
            finally:
                self._measuring.release()
        if self._last_two is None or self._last_two[1].waiting < limit:
            return None
        before, now = self._last_two
        rate = now.rate_since(before) or limit / RETRY_SECONDS_MAX
        return int(min(RETRY_SECONDS_MAX, max(RETRY_SECONDS_MIN, (now.waiting - limit * RELIEF) / rate)))

    def _measure(self, database_url: str, limit: int) -> None:
        began = monotonic()
        with connect(database_url, autocommit=True) as conn:
            newest = measure(conn, 2 * limit)
        self._last_two = (self._last_two[1] if self._last_two else newest, newest)
        self._fresh_until = newest.at + max(FRESH_SECONDS, COST_FACTOR * (newest.at - began))


_creating_gauge = Lock()


def reject_when_backlogged() -> None:
    """Raise ApiProblem (429 `backlog`) while more events are pending than the settings allow."""
    with _creating_gauge:
        gauge: BacklogGauge = current_app.extensions.setdefault("laurel.pressure", BacklogGauge())
    seconds = gauge.retry_after(settings().database_url, settings().backlog_max)
    if seconds is not None:
        detail = f"more than {settings().backlog_max} events are waiting to be applied; try again in {seconds} s"
        raise ApiProblem(429, "backlog", detail, headers={"Retry-After": str(seconds)})
