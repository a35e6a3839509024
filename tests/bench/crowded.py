"""A leaderboard with very many players, made straight in Postgres and rebuilt into Redis."""

import json
import random
import time
from dataclasses import dataclass

import psycopg
import redis

from engine.vocabulary.shard import shard_of
from webapp import projections
from webapp.config import Settings
from webapp.projections import epoch, leaderboards

BOARD = "xp_all_time"
SAMPLE = 500


@dataclass(frozen=True)
class Crowded:
    """A filled board: its sorted set, some members and players of it, and how long the rebuild took."""

    key: str
    members: list[bytes]
    players: list[str]
    rebuilt_seconds: float


def fill(settings: Settings, size: int) -> Crowded:
    """Put `size` players with a score into Postgres, rebuild, and give what reading needs."""
    chance = random.Random(size)
    with psycopg.connect(settings.owner_url) as db:
        db.execute("DELETE FROM player WHERE id LIKE 'crowd-%'")
        with db.cursor().copy("COPY player (id, shard, state, version) FROM STDIN") as copy:
            for index in range(size):
                score = chance.randrange(100_000)
                state = {"boards": {BOARD: {"0": [score, index + 1]}}, "v": 1, "xp": score}
                copy.write_row((f"crowd-{index}", shard_of(f"crowd-{index}"), json.dumps(state).encode(), 1))
    with psycopg.connect(settings.owner_url, autocommit=True) as db:
        db.execute("VACUUM (ANALYZE) player")  # else it begins by itself while the rebuild is measured
    began = time.perf_counter()
    projections.rebuild(settings)
    seconds = time.perf_counter() - began
    cache = redis.Redis.from_url(settings.cache_url)
    name = epoch.current(cache)
    assert name is not None
    key = leaderboards.set_key(name, BOARD, "all")
    members = list(cache.zrandmember(key, SAMPLE))
    return Crowded(key, members, [f"crowd-{chance.randrange(size)}" for _ in range(SAMPLE)], seconds)
