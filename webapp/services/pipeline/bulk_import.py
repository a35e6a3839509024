"""Bulk imports: events are appended as any others are, no faster than they are applied."""

import time
from collections.abc import Sequence

import psycopg

from webapp.config import Settings
from webapp.queue.wakeups import hint
from webapp.store.events.backlog import BacklogMeasure, measure
from webapp.store.events.event_log import Appended, NewEvent, append
from webapp.store.people import apps, audit
from webapp.store.system.connection import connect

BATCH = 500
BACKLOG_SECONDS_MAX = 2.0
BACKLOG_COUNT_MAX = 1_000_000
RATE_SECONDS = 1.0  # the rate of applying is measured over at least this long
PAUSE_SECONDS = 0.02
RETRY_SECONDS = 0.2
PATIENCE_SECONDS = 60.0  # how long a database that is away is waited for


def begin_import(settings: Settings, app: str) -> "Importer":
    """An importer for an app, which is created if it is new."""
    with connect(settings.database_url) as conn:
        number = apps.ensure_app(conn, app)
        conn.commit()
    return Importer(settings, number)


def record_import(settings: Settings, source: str, app: str, result: str, by: str) -> None:
    """Record a finished import in the audit log."""
    with connect(settings.database_url) as conn:
        audit.note(conn, by, "events.imported", source, after={"app": app, "result": result})
        conn.commit()


class Importer:
    """Appends batches for one app, and holds back while more than two seconds of work wait."""

    def __init__(self, settings: Settings, app_id: int) -> None:
        self._settings, self._app_id = settings, app_id
        self._last_measure: BacklogMeasure | None = None
        self._rate = 0.0

    def send(self, events: Sequence[NewEvent]) -> Appended:
        """Append one batch once there is room for it; one whose answer was lost is sent again, which does no harm."""
        ends_at = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                self._wait_for_room()
                return self._append(events)
            except psycopg.OperationalError:
                if time.monotonic() >= ends_at:
                    raise
                time.sleep(RETRY_SECONDS)

    def _append(self, events: Sequence[NewEvent]) -> Appended:
        with connect(self._settings.database_url) as conn:
            appended = append(conn, self._app_id, events)
            conn.commit()
        hint(self._settings, appended.shards)
        return appended

    def _wait_for_room(self) -> None:
        while True:
            with connect(self._settings.database_url) as conn:
                current = measure(conn, BACKLOG_COUNT_MAX)
            self._update_rate(current)
            if current.waiting <= max(0, room(self._rate) - BATCH):
                return
            time.sleep(PAUSE_SECONDS)

    def _update_rate(self, current: BacklogMeasure) -> None:
        last = self._last_measure
        if last is None or current.at - last.at >= RATE_SECONDS:
            self._rate = current.rate_since(last) if last else 0.0
            self._last_measure = current


def room(rate: float) -> int:
    """How many entries may wait at this rate; one batch always may, or nothing would ever begin."""
    return max(BATCH, int(rate * BACKLOG_SECONDS_MAX))
