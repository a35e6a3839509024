"""Long polling: clients may ask to wait for outcomes (RFC 7240 `Prefer: wait`); a limited number waits at once.

Whoever waits costs memory, and no thread: the questions of all who wait are put to the database together.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TypeVar

from webapp.config import Settings
from webapp.http.event_loop.loop_batcher import every, shared_batcher
from webapp.http.event_loop.messages import LoopRequest
from webapp.store.events import event_status
from webapp.store.events.event_status import EventVerdict
from webapp.store.players.grant_records import with_grants
from webapp.store.system.connection import Connection, connect

WAIT_SECONDS_MAX = 10
FIRST_PAUSE, LONGEST_PAUSE = 0.01, 0.15
_WAIT = re.compile(r"(?:^|[,;\s])wait\s*=\s*\"?(\d{1,6})\"?(?:$|[,;\s])", re.IGNORECASE)

T = TypeVar("T")


def requested_wait_seconds(preference: str) -> int:
    """How many seconds a client that sends this header `Prefer` is willing to wait; 0 for not at all."""
    match = _WAIT.search(preference)
    return min(WAIT_SECONDS_MAX, int(match[1])) if match else 0


class LongPollSlots:
    """How many requests of this process wait, and how many may."""

    def __init__(self, slots: int) -> None:
        self.free = slots

    @contextmanager
    def slot(self) -> Iterator[bool]:
        """Take one of the slots; False if none is free: then answer with the present state."""
        has_slot = self.free > 0
        self.free -= has_slot
        try:
            yield has_slot
        finally:
            self.free += has_slot


def slots_of(request: LoopRequest) -> LongPollSlots:
    """The slots of the application that serves a request."""
    fresh = LongPollSlots(request.settings.waiters_max)
    slots: LongPollSlots = request.app.extensions.setdefault("laurel.waiters", fresh)
    return slots


async def await_verdicts(request: LoopRequest, seqs: Sequence[int], seconds: int) -> dict[int, EventVerdict] | None:
    """Wait until none of these events is pending; None if time runs out or too many requests wait already."""
    look = partial(_decided_verdicts, request.settings)
    batcher = shared_batcher(request.app.extensions, "laurel.looks", look, interval=every(FIRST_PAUSE))
    distinct = list(dict.fromkeys(seqs))
    with slots_of(request).slot() as has_slot:
        return await poll(lambda: batcher.submit(distinct), seconds) if has_slot else None


async def poll(look: Callable[[], Awaitable[T | None]], seconds: float) -> T | None:
    """Look at growing intervals until there is something to see; None if time runs out."""
    loop = asyncio.get_running_loop()
    deadline, pause = loop.time() + seconds, FIRST_PAUSE
    while (seen := await look()) is None and (seconds_left := deadline - loop.time()) > 0:
        await asyncio.sleep(min(pause, seconds_left))
        pause = min(LONGEST_PAUSE, pause * 1.5)
    return seen


def _decided_verdicts(settings: Settings, requests: Sequence[list[int]]) -> list[dict[int, EventVerdict] | None]:
    """The verdicts that each request waits for; None as long as one of its events is pending."""
    every_seq = {seq for seqs in requests for seq in seqs}
    with connect(settings.database_url, autocommit=True) as conn:
        decided = event_status.decided_among(conn, sorted(every_seq))
        ready = {seq for seqs in requests if decided.issuperset(seqs) for seq in seqs}
        verdicts = _with_grants(conn, event_status.verdicts(conn, sorted(ready))) if ready else {}
    return [{seq: verdicts[seq] for seq in seqs} if decided.issuperset(seqs) else None for seqs in requests]


def _with_grants(conn: Connection, verdicts: dict[int, EventVerdict]) -> dict[int, EventVerdict]:
    outcomes = with_grants(conn, {seq: verdict.outcome for seq, verdict in verdicts.items() if verdict.outcome})
    return {seq: replace(verdict, outcome=outcomes.get(seq, verdict.outcome)) for seq, verdict in verdicts.items()}
