"""From POST to applied and visible on a leaderboard, at a steady rate of single events."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import httpx
import redis

from tests.bench.running import Running

SAMPLE_EVERY = 10
GIVE_UP_SECONDS = 20.0


@dataclass
class Steady:
    """One measured run: seconds from POST to 202, and from POST to visible, of the sampled events."""

    rate: int
    posted: list[float] = field(default_factory=list)
    visible: list[float] = field(default_factory=list)
    unseen: int = 0
    behind: float = 0.0


@dataclass(frozen=True)
class Watch:
    """How to see that a player's score changed: what one board's hash holds of the player, before and after."""

    cache: redis.Redis
    versions_key: str
    numbers: dict[str, int]

    def version(self, player: str) -> bytes | None:
        seen = self.cache.hget(self.versions_key, str(self.numbers[player]))
        return seen if isinstance(seen, bytes) else None


def watched(rate: int, seconds: int) -> list[str]:
    """The players of a steady run who are watched; they must exist before it begins."""
    return [f"watched-{rate}-{index}" for index in range(0, rate * seconds, SAMPLE_EVERY)]


def steady(running: Running, watch: Watch, *, rate: int, seconds: int, senders: int = 32) -> Steady:
    """Post `rate` events a second for `seconds`; each tenth belongs to a player of its own that is watched."""
    result, gate = Steady(rate), threading.Lock()
    began = time.monotonic() + 0.5
    with running.client() as client, ThreadPoolExecutor(senders) as pool:

        def one(index: int) -> None:
            due = began + index / rate
            time.sleep(max(0.0, due - time.monotonic()))
            sampled = index % SAMPLE_EVERY == 0
            player = f"watched-{rate}-{index}" if sampled else f"bench-{index % 1000}"
            before = watch.version(player) if sampled else None
            due = max(due, time.monotonic())
            _post(client, player, f"steady-{rate}-{index}")
            posted = time.monotonic() - due
            seen = _seen(watch, player, before, due) if sampled else None
            with gate:
                result.posted.append(posted)
                if seen is not None:
                    result.visible.append(seen)
                result.unseen += sampled and seen is None

        list(pool.map(one, range(rate * seconds)))
    result.behind = time.monotonic() - began - seconds
    return result


def _post(client: httpx.Client, player: str, event_id: str) -> None:
    event: dict[str, Any] = {"id": event_id, "type": "quiz_passed", "player": player,
                             "properties": {"thing": event_id, "score": 90, "weight": 1}}  # fmt: skip
    answer = client.post("/v1/events", json=event)
    if answer.status_code != httpx.codes.ACCEPTED:
        raise SystemExit(f"{answer.status_code}: {answer.text[:300]}")


def _seen(watch: Watch, player: str, before: bytes | None, since: float) -> float | None:
    while time.monotonic() - since < GIVE_UP_SECONDS:
        if watch.version(player) != before:
            return time.monotonic() - since
        time.sleep(0.002)
    return None
