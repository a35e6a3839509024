"""Bulk imports: events go through the same door as any other, no faster than they are applied."""

import time
from collections.abc import Sequence

import psycopg

from webapp.config import Settings
from webapp.queue.wakeups import hint
from webapp.store.events.backlog import Measure, measure
from webapp.store.events.event_log import Appended, NewEvent, append
from webapp.store.system.connection import connect

BATCH = 500
BACKLOG_SECONDS_MAX = 2.0
RATE_SECONDS = 1.0  # the speed of applying is measured over at least so long
PAUSE_SECONDS = 0.02
PATIENCE_SECONDS = 60.0  # how long a lost database is waited for


class Importer:
    """Appends batches for one app, and holds back while more than two seconds of work wait."""

    def __init__(self, settings: Settings, app_id: int) -> None:
        self._settings, self._app_id = settings, app_id
        self._earlier: Measure | None = None
        self._rate = 0.0

    def send(self, events: Sequence[NewEvent]) -> Appended:
        """Append one batch once there is room for it; a batch whose answer was lost is sent again, to no harm."""
        ends = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                self._wait_for_room()
                return self._append(events)
            except psycopg.OperationalError:
                if time.monotonic() >= ends:
                    raise
                time.sleep(PAUSE_SECONDS * 10)

    def _append(self, events: Sequence[NewEvent]) -> Appended:
        with connect(self._settings.database_url) as conn:
            appended = append(conn, self._app_id, events)
            conn.commit()
        hint(self._settings, appended.shards)
        return appended

    def _wait_for_room(self) -> None:
        while True:
            with connect(self._settings.database_url) as conn:
                seen = measure(conn, 1_000_000)
            self._note(seen)
            if seen.waiting <= max(0, room(self._rate) - BATCH):
                return
            time.sleep(PAUSE_SECONDS)

    def _note(self, seen: Measure) -> None:
        if self._earlier is None or seen.at - self._earlier.at >= RATE_SECONDS:
            self._rate = seen.rate_since(self._earlier) if self._earlier else 0.0
            self._earlier = seen


def room(rate: float) -> int:
    """How many entries may wait at this speed; one batch always may, or nothing would ever begin."""
    return max(BATCH, int(rate * BACKLOG_SECONDS_MAX))
