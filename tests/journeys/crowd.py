"""A crowd that plays: two hundred clients at once, a quarter of the plays sent twice, each until it is answered."""

import asyncio
import random
import threading
from dataclasses import dataclass, field
from typing import Any, Self

import httpx

AGAIN = {429, 500, 502, 503}
TRIES, PAUSE_SECONDS = 500, 0.2


@dataclass
class Crowd:
    """Sends plays from a thread of its own; remembers what was accepted, refused as closed, and what went wrong."""

    url: str
    key: str
    plays: int
    clients: int = 200
    players: int = 150
    seed: int = 1
    accepted: set[str] = field(default_factory=set)
    closed: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)
    _thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=lambda: asyncio.run(self._play_all()), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        assert self._thread is not None
        self._thread.join(240)
        assert not self._thread.is_alive(), "the crowd does not come to an end"
        assert self.wrong == []

    @property
    def is_playing(self) -> bool:
        """Whether somebody still sends."""
        return self._thread is not None and self._thread.is_alive()

    @property
    def answered(self) -> int:
        """How many plays have an answer."""
        return len(self.accepted | self.closed)

    async def _play_all(self) -> None:
        chance = random.Random(self.seed)
        sent = [(f"play-{self.seed}-{n}", f"player-{chance.randrange(self.players)}") for n in range(self.plays)]
        sent += chance.sample(sent, self.plays // 4)
        chance.shuffle(sent)
        limits = httpx.Limits(max_connections=self.clients)
        headers = {"Authorization": f"Bearer {self.key}"}
        async with httpx.AsyncClient(base_url=self.url, headers=headers, limits=limits, timeout=30) as client:
            queue = iter(sent)
            await asyncio.gather(*(self._sit(client, queue) for _ in range(self.clients)))

    async def _sit(self, client: httpx.AsyncClient, queue: Any) -> None:
        for play, player in queue:
            for _ in range(TRIES):
                if await self._send(client, play, player):
                    break
                await asyncio.sleep(PAUSE_SECONDS)
            else:
                self.wrong.append(f"{play} is never answered")

    async def _send(self, client: httpx.AsyncClient, play: str, player: str) -> bool:
        try:
            answer = await client.post("/v1/games/reel/plays", json={"play_id": play, "player": player})
        except httpx.TransportError:
            return False
        if answer.status_code == 202:
            self.accepted.add(play)
        elif answer.status_code == 409 and answer.json()["code"] == "game_not_open":
            self.closed.add(play)
        elif answer.status_code not in AGAIN:
            self.wrong.append(answer.text)
        return answer.status_code not in AGAIN
