"""Senders that behave as apps should: several at a time, each batch again until it is answered 2xx."""

import random
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Self

import httpx

Event = dict[str, Any]


def answers(count: int, players: int = 12, *, seed: int = 1, now: datetime | None = None) -> list[Event]:
    """Events of a few players, one in five of them late or out of order, some without their properties."""
    chance, moment = random.Random(seed), now or datetime.now(UTC) - timedelta(minutes=1)
    return [_answer(number, chance, moment, players, seed) for number in range(count)]


def _answer(number: int, chance: random.Random, moment: datetime, players: int, seed: int) -> Event:
    late = timedelta(hours=chance.uniform(1, 100)) if chance.random() < 0.2 else timedelta()
    properties = {"topic": f"t{chance.randrange(30)}", "score": chance.choice([None, *range(0, 100, 7)])}
    return {
        "id": f"ev-{seed}-{number}",
        "type": "answered",
        "player": f"player-{chance.randrange(players)}",
        "occurred_at": (moment - late - timedelta(seconds=chance.uniform(0, 30))).isoformat(),
        "properties": properties if chance.random() > 0.05 else {},
    }


@dataclass
class Load:
    """Sends events in batches from several threads, a quarter of them twice; remembers what was acknowledged."""

    client: httpx.Client
    events: list[Event]
    senders: int = 3
    batch: int = 25
    pause_seconds: float = 0.0
    acknowledged: set[str] = field(default_factory=set)
    refused: list[str] = field(default_factory=list)
    _threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> Self:
        batches = list(self._batches())
        for index in range(self.senders):
            thread = threading.Thread(target=self._send_all, args=(batches[index :: self.senders],), daemon=True)
            thread.start()
            self._threads.append(thread)
        return self

    def __exit__(self, *_: object) -> None:
        for thread in self._threads:
            thread.join(240)
        self.client.close()
        assert self.refused == []
        assert self.acknowledged == {event["id"] for event in self.events}

    def wait_for(self, share: float) -> None:
        """Return once that share of the events is acknowledged."""
        while len(self.acknowledged) < share * len(self.events) and any(t.is_alive() for t in self._threads):
            time.sleep(0.01)

    def _batches(self) -> Iterator[list[Event]]:
        chance = random.Random(len(self.events))
        repeated = chance.sample(self.events, len(self.events) // 4)
        mixed = [*self.events, *repeated]
        chance.shuffle(mixed)
        for start in range(0, len(mixed), self.batch):
            yield mixed[start : start + self.batch]

    def _send_all(self, batches: list[list[Event]]) -> None:
        for batch in batches:
            self._send(batch)
            time.sleep(self.pause_seconds)

    def _send(self, batch: list[Event]) -> None:
        while True:
            try:
                answer = self.client.post("/v1/events", json={"events": batch}, timeout=20)
            except httpx.TransportError:
                time.sleep(0.1)
                continue
            if answer.status_code == 202:
                self._note(batch, answer.json())
                return
            if answer.status_code not in {429, 500, 502, 503}:
                self.refused.append(answer.text)
                return
            time.sleep(0.1)

    def _note(self, batch: list[Event], answer: dict[str, Any]) -> None:
        if answer["conflict"] or answer["rejected"]:
            self.refused.append(str(answer))
        self.acknowledged |= {event["id"] for event in batch}
