"""From POST to applied and visible on a leaderboard, at a steady rate of single events."""

from collections import deque
from dataclasses import dataclass, field
from typing import Any

import msgspec
import redis

from tests.bench.running import Running
from tests.bench.steadily import Wish, requested, send

SAMPLE_EVERY = 10
GIVE_UP_SECONDS = 20.0


@dataclass
class Steady:
    """One measured run: seconds from when an event was due to its 202, and of each tenth to its being visible."""

    rate: int
    posted: list[float]
    visible: list[float]
    unseen: int
    behind: float


@dataclass(frozen=True)
class Watch:
    """How to see that scores changed: what one board's hash holds of the players, before and after."""

    cache: redis.Redis
    versions_key: str
    numbers: dict[str, int]

    def versions(self, players: list[str]) -> list[Any]:
        return list(self.cache.hmget(self.versions_key, [str(self.numbers[player]) for player in players]))


@dataclass
class Sight:
    """The watched players: whose event is not due yet, whose score has not changed, and how long the others took."""

    watch: Watch
    coming: deque[tuple[float, str]]
    before: dict[str, Any]
    unchanged: dict[str, float] = field(default_factory=dict)
    seen: list[float] = field(default_factory=list)

    def look(self, now: float) -> bool:
        """Look at all whose event was due; whether there is more to be seen."""
        while self.coming and self.coming[0][0] <= now:
            due, player = self.coming.popleft()
            self.unchanged[player] = due
        players = list(self.unchanged)
        versions = self.watch.versions(players) if players else []
        for player, version in zip(players, versions, strict=True):
            if version != self.before[player]:
                self.seen.append(now - self.unchanged.pop(player))
        oldest = next(iter(self.unchanged.values()), now)
        return bool(self.coming or self.unchanged) and now - oldest < GIVE_UP_SECONDS


def watched(rate: int, seconds: int) -> list[str]:
    """The players of a steady run who are watched; they must exist before it begins."""
    return [f"watched-{rate}-{index}" for index in range(0, rate * seconds, SAMPLE_EVERY)]


def steady(running: Running, watch: Watch, *, rate: int, seconds: int) -> Steady:
    """Post `rate` events a second for `seconds`; each tenth belongs to a player of its own that is watched."""
    players = watched(rate, seconds)
    before = dict(zip(players, watch.versions(players), strict=True))
    moments = (index * SAMPLE_EVERY / rate for index in range(len(players)))
    sight = Sight(watch, deque(zip(moments, players, strict=True)), before)
    wishes = [Wish(index / rate, _request(running, rate, index)) for index in range(rate * seconds)]
    behind = send(running, wishes, sight.look)
    posted = [wish.answered for wish in wishes if wish.answered is not None]
    return Steady(rate, posted, sight.seen, len(players) - len(sight.seen), behind)


def _request(running: Running, rate: int, index: int) -> bytes:
    name = f"steady-{rate}-{index}"
    event = {
        "id": name,
        "type": "quiz_passed",
        "player": f"watched-{rate}-{index}" if index % SAMPLE_EVERY == 0 else f"bench-{index % 1000}",
        "properties": {"thing": name, "score": 90, "weight": 1},
    }
    return requested(running, "POST", "/v1/events", running.key, msgspec.json.encode(event))
