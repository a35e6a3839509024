"""How many events a second are appended and fully applied, in batches of 500 over HTTP."""

import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import Any

import httpx
import msgspec

from tests.bench.running import Running

BATCH = 500
SENDERS = 3


@dataclass(frozen=True)
class Flow:
    """What went through: how many events, seconds until all were accepted, and until all were applied."""

    events: int
    accepted_seconds: float
    applied_seconds: float
    refused: int

    @property
    def accepted_per_second(self) -> float:
        return self.events / self.accepted_seconds

    @property
    def applied_per_second(self) -> float:
        return self.events / self.applied_seconds


def flow(running: Running, events: Iterable[dict[str, Any]]) -> Flow:
    """Send everything from a few senders that wait when told to (429), then wait until it is applied."""
    bodies = list(_bodies(events))
    count = sum(size for size, _ in bodies)
    began = time.monotonic()
    with ThreadPoolExecutor(SENDERS) as senders, running.client() as client:
        refused = sum(senders.map(lambda body: _send(client, body[1]), bodies))
    accepted = time.monotonic() - began
    running.laurel("settle", "--timeout", "300")
    return Flow(count, accepted, time.monotonic() - began, refused)


def _bodies(events: Iterable[dict[str, Any]]) -> Iterator[tuple[int, bytes]]:
    source = iter(events)
    while batch := list(islice(source, BATCH)):
        yield len(batch), msgspec.json.encode({"events": batch})


def _send(client: httpx.Client, body: bytes) -> int:
    """Post one batch until it is accepted; give how often it was refused for the backlog."""
    for refusals in range(1000):
        answer = client.post("/v1/events", content=body, headers={"Content-Type": "application/json"})
        if answer.status_code == httpx.codes.ACCEPTED:
            return refusals
        if answer.status_code != httpx.codes.TOO_MANY_REQUESTS:
            raise SystemExit(f"{answer.status_code}: {answer.text[:500]}")
        time.sleep(float(answer.headers.get("Retry-After", "1")))
    raise SystemExit("the backlog did not shrink")
