"""Back-pressure: when too much waits, senders are asked to come back, and told when."""

from threading import Lock
from time import monotonic

from flask import current_app

from webapp.api.problems import Refused
from webapp.http.access import settings
from webapp.store.events.backlog import Measure, measure
from webapp.store.system.connection import connect

FRESH_SECONDS = 0.2
COST_SHARE = 20  # a look that took a while is repeated so much later that looking stays cheap
RETRY_SECONDS_MIN, RETRY_SECONDS_MAX = 1, 60
RELIEF = 0.8  # come back when the backlog should have shrunk to this part of its bound


class Gauge:
    """This process's view of the backlog; one thread at a time looks, the others take what was seen last."""

    def __init__(self) -> None:
        self._looking = Lock()
        self._seen: tuple[Measure, Measure] | None = None
        self._fresh_until = 0.0

    def retry_after(self, database_url: str, bound: int) -> int | None:
        """Seconds after which a sender should try again; None while there is room."""
        if monotonic() >= self._fresh_until and self._looking.acquire(blocking=False):
            try:
                self._look(database_url, bound)
            finally:
                self._looking.release()
        if self._seen is None or self._seen[1].waiting < bound:
            return None
        before, now = self._seen
        rate = now.rate_since(before) or bound / RETRY_SECONDS_MAX
        return int(min(RETRY_SECONDS_MAX, max(RETRY_SECONDS_MIN, (now.waiting - bound * RELIEF) / rate)))

    def _look(self, database_url: str, bound: int) -> None:
        began = monotonic()
        with connect(database_url, autocommit=True) as conn:
            seen = measure(conn, 2 * bound)
        self._seen = (self._seen[1] if self._seen else seen, seen)
        self._fresh_until = seen.at + max(FRESH_SECONDS, COST_SHARE * (seen.at - began))


_making = Lock()


def refuse_when_behind() -> None:
    """Refuse this request (429 `backlog`) while more waits than the settings allow."""
    with _making:
        gauge: Gauge = current_app.extensions.setdefault("laurel.pressure", Gauge())
    wait = gauge.retry_after(settings().database_url, settings().backlog_max)
    if wait is not None:
        detail = f"more than {settings().backlog_max} events wait to be applied; try again in {wait} s"
        raise Refused(429, "backlog", detail, headers={"Retry-After": str(wait)})
