"""Waiting for outcomes: a wish (RFC 7240 `Prefer: wait`), granted to so many requests at once."""

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
from webapp.store.events.event_verdicts import Verdict
from webapp.store.system.connection import connect

SECONDS_MAX = 10
FIRST_PAUSE, LONGEST_PAUSE = 0.01, 0.15
_WAIT = re.compile(r"(?:^|[,;\s])wait\s*=\s*\"?(\d{1,6})\"?(?:$|[,;\s])", re.IGNORECASE)
_making = Lock()


def wished_seconds() -> int:
    """How long this request's sender is ready to wait; 0 for not at all."""
    wish = _WAIT.search(request.headers.get("Prefer", ""))
    return min(SECONDS_MAX, int(wish[1])) if wish else 0


def await_verdicts(seqs: Sequence[int], seconds: int) -> dict[int, Verdict] | None:
    """Wait until none of these events is pending; None when time runs out or too many wait already."""
    with seated() as has_seat:
        return _poll(list(dict.fromkeys(seqs)), time.monotonic() + seconds) if has_seat else None


@contextmanager
def seated() -> Iterator[bool]:
    """Take one of the seats for those who wait; false where none is free: then the answer is what stands now."""
    seats = _seats()
    has_seat = seats.acquire(blocking=False)
    try:
        yield has_seat
    finally:
        if has_seat:
            seats.release()


def _seats() -> BoundedSemaphore:
    with _making:
        seats: BoundedSemaphore = current_app.extensions.setdefault(
            "laurel.waiters", BoundedSemaphore(settings().waiters_max)
        )
    return seats


def _poll(seqs: list[int], deadline: float) -> dict[int, Verdict] | None:
    """Ask again and again, ever slower; all who wait look together, and no connection is held in between."""
    made = RequestBatcher(partial(_looked, settings().database_url), interval_seconds=FIRST_PAUSE)
    looking: RequestBatcher[list[int], dict[int, Verdict] | None] = current_app.extensions.setdefault(
        "laurel.looks", made
    )
    pause = FIRST_PAUSE
    while (found := looking.submit(seqs)) is None and (left := deadline - time.monotonic()) > 0:
        time.sleep(min(pause, left))
        pause = min(LONGEST_PAUSE, pause * 1.5)
    return found


def _looked(database_url: str, asked: Sequence[list[int]]) -> list[dict[int, Verdict] | None]:
    """The verdicts that each one asks for; None as long as one of them is pending."""
    every = {seq for seqs in asked for seq in seqs}
    with connect(database_url, autocommit=True) as conn:
        decided = event_verdicts.decided_among(conn, sorted(every))
        ready = {seq for seqs in asked if decided.issuperset(seqs) for seq in seqs}
        told = event_verdicts.verdicts(conn, sorted(ready)) if ready else {}
    return [{seq: told[seq] for seq in seqs} if decided.issuperset(seqs) else None for seqs in asked]
