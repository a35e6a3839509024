"""A leaderboard page, one rank and the 25 above and below, at 1,000 and at 1,000,000 players."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass

import httpx
import redis

PAGE = 100
AROUND = 25
READS = 300


@dataclass(frozen=True)
class Reads:
    """Seconds of each read of one kind on one board."""

    kind: str
    players: int
    seconds: list[float]


def in_redis(cache: redis.Redis, key: str, members: list[bytes]) -> list[Reads]:
    """Time the three reads straight on the sorted set `key`, for random `members` of it."""
    chance = random.Random(1)
    size = int(cache.zcard(key))

    def page() -> None:
        cache.zrevrange(key, 0, PAGE - 1, withscores=True)

    def rank() -> None:
        score = cache.zscore(key, chance.choice(members))
        cache.zcount(key, f"({score}", "+inf")

    def around() -> None:
        place = cache.zrevrank(key, chance.choice(members)) or 0
        cache.zrevrange(key, max(0, place - AROUND), place + AROUND, withscores=True)

    return [Reads(name, size, _time(read)) for name, read in (("page of 100", page), ("rank", rank), ("±25", around))]


def over_http(client: httpx.Client, board: str, players: list[str], size: int) -> list[Reads]:
    """Time the page and the neighbourhood of random `players` through the API."""
    chance = random.Random(2)

    def page() -> None:
        _get(client, f"/v1/leaderboards/{board}?limit={PAGE}")

    def around() -> None:
        _get(client, f"/v1/leaderboards/{board}?around={chance.choice(players)}")

    return [Reads(name, size, _time(read)) for name, read in (("page of 100", page), ("±25", around))]


def _get(client: httpx.Client, path: str) -> None:
    answer = client.get(path)
    if answer.status_code != httpx.codes.OK:
        raise SystemExit(f"{path}: {answer.status_code} {answer.text[:300]}")


def _time(read: Callable[[], None]) -> list[float]:
    read()
    seconds = []
    for _ in range(READS):
        began = time.perf_counter()
        read()
        seconds.append(time.perf_counter() - began)
    return seconds
