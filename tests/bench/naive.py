"""The textbook way, as a yardstick: one RQ job an event, every rule interpreted, counts by SQL, ZINCRBY.

It promises nothing of what Laurel promises: a job that dies is lost, a job that runs twice counts twice.
"""

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import psycopg
import redis
from json_logic import jsonLogic  # type: ignore[import-untyped]
from rq import Queue
from rq.serializers import JSONSerializer

from tests.bench.world import documents

TABLES = """
CREATE SCHEMA IF NOT EXISTS naive;
SET search_path = naive;
CREATE TABLE IF NOT EXISTS naive_event (id text PRIMARY KEY, player text, type text, at timestamptz, properties jsonb);
CREATE INDEX IF NOT EXISTS naive_event_by_player ON naive_event (player, type, at);
CREATE TABLE IF NOT EXISTS naive_xp (player text, event text, rule text, xp int);
CREATE INDEX IF NOT EXISTS naive_xp_by_player ON naive_xp (player);
CREATE TABLE IF NOT EXISTS naive_badge (player text, rule text, PRIMARY KEY (player, rule));
"""
COUNTS = """
SELECT type, count(*), coalesce(sum((properties->>'score')::float), 0) FROM naive_event WHERE player = %s GROUP BY type
"""


@dataclass(frozen=True)
class Servers:
    """Where the naive design keeps its rows and its jobs."""

    database: str
    queue: str


@cache
def _connection(database: str) -> "psycopg.Connection[Any]":
    return psycopg.connect(database, autocommit=True, options="-c search_path=naive")


@cache
def _redis(queue: str) -> redis.Redis:
    return redis.Redis.from_url(queue)


def judge_event(database: str, queue: str, event: dict[str, Any]) -> None:
    """The whole job: store the event, count, interpret every rule, insert what it gives, raise the board."""
    db = _connection(database)
    player, kind = event["player"], event["type"]
    db.execute(
        "INSERT INTO naive_event VALUES (%s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
        (event["id"], player, kind, event["occurred_at"], json.dumps(event["properties"])),
    )
    facts = _facts(db, event)
    for rule in _judging():
        if kind not in rule["trigger"]["events"] and "*" not in rule["trigger"]["events"]:
            continue
        if rule["condition"] is None or jsonLogic(rule["condition"], facts):
            _award(db, _redis(queue), rule, event)


@cache
def _judging() -> tuple[dict[str, Any], ...]:
    return tuple(d for d in documents() if d["kind"] in {"earning", "badge", "mission"})


def _facts(db: "psycopg.Connection[Any]", event: dict[str, Any]) -> dict[str, Any]:
    counted = db.execute(COUNTS, (event["player"],)).fetchall()
    total = db.execute("SELECT coalesce(sum(xp), 0) FROM naive_xp WHERE player = %s", (event["player"],)).fetchone()
    metrics: dict[str, Any] = {}
    for kind, count, score in counted:
        metrics[f"count_{kind}"] = {"total": count, "this_month": count}
        metrics[f"score_{kind}"] = {"total": score, "last_7_days": score}
    xp = int(total[0]) if total else 0
    return {
        "event": {"type": event["type"], "properties": event["properties"]},
        "player": {"xp": xp, "level": xp // 1000, "attributes": {"plan": "pro"}},
        "metric": metrics,
        "streak": {"daily": {"current": 1}},
    }


def _award(db: "psycopg.Connection[Any]", board: redis.Redis, rule: dict[str, Any], event: dict[str, Any]) -> None:
    if rule["kind"] == "badge":
        db.execute("INSERT INTO naive_badge VALUES (%s, %s) ON CONFLICT DO NOTHING", (event["player"], rule["key"]))
        return
    xp = 20 if rule["kind"] == "earning" else 0
    if xp:
        db.execute("INSERT INTO naive_xp VALUES (%s, %s, %s, %s)", (event["player"], event["id"], rule["key"], xp))
        board.zincrby("naive:board", xp, event["player"])


def events_per_second(servers: Servers, events: Sequence[dict[str, Any]], *, worker: str, workers: int = 2) -> float:
    """Queue one job an event, start the workers in burst mode and time from the first job to their end."""
    with psycopg.connect(servers.database, autocommit=True) as db:
        db.execute(TABLES)
        db.execute("TRUNCATE naive_event, naive_xp, naive_badge")
    jobs = [
        Queue.prepare_data(judge_event, args=(servers.database, servers.queue, event), result_ttl=0) for event in events
    ]
    return len(events) / burst(servers.queue, "naive", jobs, worker=worker, workers=workers)


def burst(address: str, name: str, jobs: list[Any], *, worker: str, workers: int) -> float:
    """Queue the jobs, start so many workers that end with the last job, and give seconds from the first to the end."""
    queue = Queue(name, connection=_redis(address), serializer=JSONSerializer)
    queue.empty()
    queue.enqueue_many(jobs)
    command = [sys.executable, "-m", "rq.cli", "worker", name, "--burst", "--quiet", "--url", address,
               "--serializer", "rq.serializers.JSONSerializer", "--worker-class", worker]  # fmt: skip
    running = [subprocess.Popen(command) for _ in range(workers)]
    while queue.count == len(jobs):  # until a worker has started
        time.sleep(0.001)
    began = time.monotonic()
    for process in running:
        process.wait()
    return time.monotonic() - began
