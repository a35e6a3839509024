"""Long polling: clients may ask to wait for outcomes (RFC 7240 `Prefer: wait`); a limited number waits at once."""

import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from threading import BoundedSemaphore, Lock

from flask import current_app, request

from webapp.http.access import settings
from webapp.http.request_batcher import RequestBatcher
from webapp.store.events import event_verdicts
from webapp.store.events.event_verdicts import EventVerdict
from webapp.store.system.connection import connect

WAIT_SECONDS_MAX = 10
FIRST_PAUSE, LONGEST_PAUSE = 0.01, 0.15
_WAIT = re.compile(r"(?:^|[,;\s])wait\s*=\s*\"?(\d{1,6})\"?(?:$|[,;\s])", re.IGNORECASE)
_creating_slots = Lock()


def requested_wait_seconds() -> int:
    """How many seconds the client is willing to wait; 0 for not at all."""
    match = _WAIT.search(request.headers.get("Prefer", ""))
    return min(WAIT_SECONDS_MAX, int(match[1])) if match else 0


def await_verdicts(seqs: Sequence[int], seconds: int) -> dict[int, EventVerdict] | None:
    """Wait until none of these events is pending; None if time runs out or too many requests wait already."""
    with long_poll_slot() as has_slot:
        return _poll(list(dict.fromkeys(seqs)), time.monotonic() + seconds) if has_slot else None


@contextmanager
def long_poll_slot() -> Iterator[bool]:
    """Take one of the slots for waiting requests; False if none is free: then answer with the present state."""
    slots = _slots()
    has_slot = slots.acquire(blocking=False)
    try:
        yield has_slot
    finally:
        if has_slot:
            slots.release()


def _slots() -> BoundedSemaphore:
    with _creating_slots:
        slots: BoundedSemaphore = current_app.extensions.setdefault(
            "laurel.waiters", BoundedSemaphore(settings().waiters_max)
        )
    return slots


def _poll(seqs: list[int], deadline: float) -> dict[int, EventVerdict] | None:
    """Poll at growing intervals; all waiting requests share a query, and no connection is held in between."""
    fresh = RequestBatcher(partial(_decided_verdicts, settings().database_url), interval_seconds=FIRST_PAUSE)
    batcher: RequestBatcher[list[int], dict[int, EventVerdict] | None]
    batcher = current_app.extensions.setdefault("laurel.looks", fresh)
    pause = FIRST_PAUSE
    while (verdicts := batcher.submit(seqs)) is None and (seconds_left := deadline - time.monotonic()) > 0:
        time.sleep(min(pause, seconds_left))
        pause = min(LONGEST_PAUSE, pause * 1.5)
    return verdicts


def _decided_verdicts(database_url: str, requests: Sequence[list[int]]) -> list[dict[int, EventVerdict] | None]:
    """The verdicts that each request waits for; None as long as one of its events is pending."""
    every_seq = {seq for seqs in requests for seq in seqs}
    with connect(database_url, autocommit=True) as conn:
        decided = event_verdicts.decided_among(conn, sorted(every_seq))
        ready = {seq for seqs in requests if decided.issuperset(seqs) for seq in seqs}
        verdicts = event_verdicts.verdicts(conn, sorted(ready)) if ready else {}
    return [{seq: verdicts[seq] for seq in seqs} if decided.issuperset(seqs) else None for seqs in requests]
