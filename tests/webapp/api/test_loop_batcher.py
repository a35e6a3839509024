"""Requests on the event loop share calls: one alone never waits, many are given time to gather."""

import asyncio
from collections.abc import Sequence

from tests.asgi import run
from webapp.http.event_loop.loop_batcher import GATHER_SECONDS_MAX, LoopBatcher, gathering


def test_only_who_had_company_makes_the_next_call_wait() -> None:
    waits = [gathering(requests) for requests in range(1, 300)]
    assert waits[0] == 0
    assert waits == sorted(waits)
    assert waits[1] > 0
    assert waits[-1] == GATHER_SECONDS_MAX


def test_requests_within_the_interval_share_the_next_call() -> None:
    groups: list[Sequence[int]] = []

    def call(numbers: Sequence[int]) -> Sequence[int]:
        groups.append(list(numbers))
        return numbers

    async def submit_all() -> list[int]:
        batcher = LoopBatcher(call, interval=lambda requests: 0.2 * (requests - 1))
        alone = [await batcher.submit(0), await batcher.submit(1)]
        together = await asyncio.gather(batcher.submit(2), batcher.submit(3))
        first = asyncio.ensure_future(batcher.submit(4))
        await asyncio.sleep(0.01)
        return [*alone, *together, await batcher.submit(5), await first]

    assert run(submit_all()) == [0, 1, 2, 3, 5, 4]
    assert groups == [[0], [1], [2, 3], [4, 5]]
