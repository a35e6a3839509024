"""Backpressure: while the backlog is too long, senders are told to come back, and when."""

from collections import deque
from threading import Lock
from time import monotonic

from webapp.http.event_loop.loop_batcher import in_thread
from webapp.http.event_loop.messages import LoopRequest
from webapp.http.problems import ApiProblem
from webapp.store.events.backlog import BacklogMeasure, measure
from webapp.store.system.connection import connect

FRESH_SECONDS = 0.2
COST_FACTOR = 20  # a measurement stays fresh for this many times as long as it took, so that measuring stays cheap
RETRY_SECONDS_MIN, RETRY_SECONDS_MAX = 1, 60
RATE_SECONDS = 10.0  # how long ago the rate is measured from: between two looks a busy worker may not have committed
UNKNOWN_RATE_SECONDS = 5  # after one look, or if nothing was applied for so long: nobody knows, so the guess is short
RELIEF = 0.8  # senders come back when the backlog should have shrunk to this share of its limit


class BacklogGauge:
    """This process's view of the backlog; one request at a time measures, the others use the last measurement."""

    def __init__(self) -> None:
        self._measuring = Lock()
        self._recent: deque[BacklogMeasure] = deque()
        self._fresh_until = 0.0

    def is_stale(self) -> bool:
        """Whether somebody should measure again, and nobody does so already."""
        return monotonic() >= self._fresh_until and not self._measuring.locked()

    def refresh(self, database_url: str, limit: int) -> None:
        """Measure, unless somebody does so already."""
        if self._measuring.acquire(blocking=False):
            try:
                self._measure(database_url, limit)
            finally:
                self._measuring.release()

    def retry_after(self, limit: int) -> int | None:
        """Seconds after which a sender should try again; None while the backlog is below its limit."""
        if not self._recent or self._recent[-1].waiting < limit:
            return None
        before, now = self._recent[0], self._recent[-1]
        rate = now.rate_since(before)
        if rate == 0:
            return UNKNOWN_RATE_SECONDS
        return int(min(RETRY_SECONDS_MAX, max(RETRY_SECONDS_MIN, (now.waiting - limit * RELIEF) / rate)))

    def _measure(self, database_url: str, limit: int) -> None:
        began = monotonic()
        with connect(database_url, autocommit=True) as conn:
            newest = measure(conn, 2 * limit)
        self._recent.append(newest)
        while len(self._recent) > 2 and self._recent[1].at < newest.at - RATE_SECONDS:
            self._recent.popleft()
        self._fresh_until = newest.at + max(FRESH_SECONDS, COST_FACTOR * (newest.at - began))


async def reject_when_backlogged(request: LoopRequest) -> None:
    """Raise ApiProblem (429 `backlog`) while more events are pending than the settings allow."""
    gauge: BacklogGauge = request.app.extensions.setdefault("laurel.pressure", BacklogGauge())
    limit = request.settings.backlog_max
    if gauge.is_stale():
        await in_thread(gauge.refresh, request.settings.database_url, limit)
    seconds = gauge.retry_after(limit)
    if seconds is not None:
        detail = f"more than {limit} events are waiting to be applied; try again in {seconds} s"
        raise ApiProblem(429, "backlog", detail, headers={"Retry-After": str(seconds)})
