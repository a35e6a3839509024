"""The textbook way, as a yardstick: one RQ job a play, the budget as a counter in Redis that a script lowers, and an
insert afterwards. It is quick to write; a crash between the counter and the insert loses a coupon.
"""

from functools import cache
from typing import Any

import psycopg
import redis
from rq import Queue

from tests.bench.naive import Servers, burst

TABLES = """
CREATE SCHEMA IF NOT EXISTS naive;
CREATE TABLE IF NOT EXISTS naive.play (id text PRIMARY KEY, player text, won boolean, at timestamptz DEFAULT now());
TRUNCATE naive.play;
"""
BUDGET = "naive:budget"
LOWER = """
if tonumber(redis.call('GET', KEYS[1])) > 0 then return redis.call('DECR', KEYS[1]) end
return -1
"""
COUPONS = 1_000


@cache
def _connection(database: str) -> "psycopg.Connection[Any]":
    return psycopg.connect(database, autocommit=True)


@cache
def _redis(queue: str) -> redis.Redis:
    return redis.Redis.from_url(queue)


def decide(database: str, queue: str, play: str, player: str) -> None:
    """One play."""
    coupons_left = _redis(queue).eval(LOWER, 1, BUDGET)
    insert = "INSERT INTO naive.play (id, player, won) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING"
    _connection(database).execute(insert, (play, player, coupons_left != -1))


def plays_per_second(servers: Servers, count: int, *, worker: str, workers: int = 2) -> float:
    """Queue one job a play, start the workers in burst mode and time from the first job to their end."""
    with psycopg.connect(servers.database, autocommit=True) as db:
        db.execute(TABLES)
    _redis(servers.queue).set(BUDGET, COUPONS)
    words = (servers.database, servers.queue)
    jobs = [Queue.prepare_data(decide, args=(*words, f"p{n}", f"player-{n}"), result_ttl=0) for n in range(count)]
    return count / burst(servers.queue, "naive_plays", jobs, worker=worker, workers=workers)
