"""Requests on the event loop that arrive at the same moment share one call to the database, made by a thread.

The same promises as `request_batcher.RequestBatcher` makes to threads: a call never answers a request that arrived
after it began, and where the database rejects a batch, each request of it is tried on its own.
"""

import asyncio
import os
from collections import deque
from collections.abc import Callable, MutableMapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from typing import Any, Generic, ParamSpec, TypeVar

import psycopg

from webapp.http.request_batcher import BATCH_MAX
from webapp.store.system.connection import is_unavailable

# Few: threads of one interpreter fight for it. What a thread does here is mostly to wait for Postgres.
THREADS = 8
# Under load, calls of one kind are spaced, so that more requests share one: a call costs far more than a request in it.
# Each request that had company in the last call adds this much, so that somebody alone never waits.
GATHER_SECONDS = 0.002
GATHER_SECONDS_MAX = 0.015
Request = TypeVar("Request")
Result = TypeVar("Result")
Parameters = ParamSpec("Parameters")


@cache
def _threads(_pid: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(THREADS, thread_name_prefix="store")


async def in_thread(
    function: Callable[Parameters, Result], *arguments: Parameters.args, **named: Parameters.kwargs
) -> Result:
    """Call a function that blocks in one of the few threads that the event loop shares."""
    call = partial(function, *arguments, **named) if named else function
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_threads(os.getpid()), call, *(() if named else arguments))


def gathering(requests: int) -> float:
    """How long after a call with so many requests the next one begins at the earliest."""
    return min(GATHER_SECONDS_MAX, GATHER_SECONDS * (requests - 1))


def every(seconds: float) -> Callable[[int], float]:
    """Calls that begin so many seconds apart, however many requests share them."""
    return lambda _: seconds


class LoopBatcher(Generic[Request, Result]):
    """Batches the requests of one event loop; `call` returns one result for each request, in the same order.

    A call begins at least `interval` seconds after the beginning of the one before, which may depend on how many
    requests shared that one.
    """

    def __init__(
        self,
        call: Callable[[Sequence[Request]], Sequence[Result]],
        *,
        interval: Callable[[int], float] = gathering,
    ) -> None:
        self._call, self._interval = call, interval
        self._queue: deque[tuple[Request, asyncio.Future[Result]]] = deque()
        self._caller: asyncio.Task[None] | None = None
        self._next_call_at = 0.0

    async def submit(self, request: Request) -> Result:
        """Return the result of a request, perhaps batched with others. Raises what the call raised for this one.

        A caller that is cancelled loses its answer; what it asked for may still happen.
        """
        loop = asyncio.get_running_loop()
        result: asyncio.Future[Result] = loop.create_future()
        self._queue.append((request, result))
        if self._caller is None:
            self._caller = loop.create_task(self._make_calls())
        return await result

    async def _make_calls(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._queue:
                if (seconds_left := self._next_call_at - loop.time()) > 0:
                    await asyncio.sleep(seconds_left)
                batch = [self._queue.popleft() for _ in range(min(len(self._queue), BATCH_MAX))]
                self._next_call_at = loop.time() + self._interval(len(batch))
                await self._call_for(batch)
        finally:
            self._caller = None

    async def _call_for(self, batch: Sequence[tuple[Request, "asyncio.Future[Result]"]]) -> None:
        """Call for the whole batch; where the database rejects it, for each request on its own."""
        try:
            results = await in_thread(self._call, [request for request, _ in batch])
        except Exception as error:  # noqa: BLE001  (each request raises it, be it the database's or our own mistake)
            if len(batch) > 1 and _may_be_of_one_request(error):
                for pending in batch:
                    await self._call_for([pending])
            else:
                _fail(batch, error)
        except asyncio.CancelledError:
            _fail(batch, psycopg.OperationalError("the outcome is unknown"))
            raise
        else:
            for (_, future), result in zip(batch, results, strict=True):
                if not future.done():
                    future.set_result(result)


def shared_batcher(
    extensions: MutableMapping[str, Any],
    name: str,
    call: Callable[[Sequence[Request]], Sequence[Result]],
    *,
    interval: Callable[[int], float] = gathering,
) -> LoopBatcher[Request, Result]:
    """The batcher that everybody who names it shares, made by the first with this `call` and `interval`."""
    batcher: LoopBatcher[Request, Result] | None = extensions.get(name)
    if batcher is None:
        batcher = extensions[name] = LoopBatcher(call, interval=interval)
    return batcher


def _may_be_of_one_request(error: Exception) -> bool:
    return isinstance(error, psycopg.Error) and not is_unavailable(error)


def _fail(batch: Sequence[tuple[Any, "asyncio.Future[Any]"]], error: Exception) -> None:
    for _, future in batch:
        if not future.done():
            future.set_exception(error)
