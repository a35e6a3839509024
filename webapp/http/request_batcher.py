"""Requests that come at the same moment share one call to the database: those that arrive during a call join the next.

So a call never answers a request that arrived after it began: whatever was committed before a request is visible to it.
Requests that share a call were in flight at the same time, so there is no order between them to preserve.

Calls may be spaced some milliseconds apart. A request after a quiet spell does not notice. Under load each request
then waits a little, more of them share a call, and the cost of a call is spread over more requests.
"""

import time
from collections import deque
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Generic, TypeVar

import psycopg

from webapp.store.system.connection import is_unavailable

BATCH_MAX = 200
Request = TypeVar("Request")
Result = TypeVar("Result")


class PendingRequest(Generic[Request, Result]):
    """One submitted request and, once `is_done`, its `result` or the database's `error`."""

    __slots__ = ("error", "is_done", "request", "result", "wake_up")

    def __init__(self, request: Request) -> None:
        self.request, self.is_done = request, False
        self.result: Result | None = None
        self.error: psycopg.Error | None = None
        self.wake_up = Lock()
        self.wake_up.acquire()

    def resolve(self, result: Result | None, error: psycopg.Error | None = None) -> None:
        """Record the result or the error, and wake the thread that waits for it."""
        self.result, self.error, self.is_done = result, error, True
        self.wake_up.release()


class RequestBatcher(Generic[Request, Result]):
    """Batches the requests of this process's threads; whichever thread calls the database takes all waiting ones along.

    `call` returns one result for each request, in the same order. A call begins at least `interval_seconds` after the
    one before. No thread is woken for nothing: a call wakes the threads that it answers, and the first of those that
    came too late for it.
    """

    def __init__(self, call: Callable[[Sequence[Request]], Sequence[Result]], *, interval_seconds: float = 0) -> None:
        self._call, self._interval_seconds = call, interval_seconds
        self._queue: deque[PendingRequest[Request, Result]] = deque()
        self._lock, self._has_caller, self._next_call_at = Lock(), False, 0.0

    def submit(self, request: Request) -> Result:
        """Return the result of a request, perhaps batched with others. Raises what the database raised for this one."""
        pending: PendingRequest[Request, Result] = PendingRequest(request)
        if not self._enqueue(pending):
            pending.wake_up.acquire()
        if not pending.is_done:
            try:
                self._call_next()
            finally:
                self._appoint_next_caller()
        if pending.error is not None:
            raise pending.error
        return pending.result  # type: ignore[return-value]  # it is done, and without an error

    def _enqueue(self, pending: PendingRequest[Request, Result]) -> bool:
        """Whether this thread has to make the call; the caller is always the first in the queue."""
        with self._lock:
            self._queue.append(pending)
            has_caller, self._has_caller = self._has_caller, True
        return not has_caller

    def _appoint_next_caller(self) -> None:
        with self._lock:
            first = self._queue[0] if self._queue else None
            self._has_caller = first is not None
        if first is not None:
            first.wake_up.release()

    def _call_next(self) -> None:
        batch: list[PendingRequest[Request, Result]] = []
        try:
            self._wait_for_interval()
            batch = self._take_batch()
            self._call_for(batch)
        finally:  # a thread that is interrupted here must leave nobody waiting
            for pending in batch or self._take_batch():
                if not pending.is_done:
                    pending.resolve(None, psycopg.OperationalError("the outcome is unknown"))

    def _wait_for_interval(self) -> None:
        if (seconds_left := self._next_call_at - time.monotonic()) > 0:
            time.sleep(seconds_left)
        self._next_call_at = time.monotonic() + self._interval_seconds

    def _take_batch(self) -> list[PendingRequest[Request, Result]]:
        with self._lock:
            return [self._queue.popleft() for _ in range(min(len(self._queue), BATCH_MAX))]

    def _call_for(self, batch: Sequence[PendingRequest[Request, Result]]) -> None:
        """Call for the whole batch; where the database rejects it, for each request on its own."""
        try:
            results = self._call([pending.request for pending in batch])
        except psycopg.Error as error:
            is_away = is_unavailable(error)
            for pending in batch:
                if is_away or len(batch) == 1:
                    pending.resolve(None, error)
                else:
                    self._call_for([pending])
        else:
            for pending, result in zip(batch, results, strict=True):
                pending.resolve(result)
