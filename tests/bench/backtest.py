"""Backtests over a long history: as many events as are asked for, put straight into the log of a running Laurel."""

import json
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

from engine.authoring.jsonlogic.lift import lift
from engine.authoring.tree.nodes import to_json
from engine.vocabulary.fact import Catalogue
from engine.vocabulary.shard import shard_of
from tests.bench.world import TYPES, Document
from webapp.config import Settings
from webapp.services.backtest import backtest_job
from webapp.services.backtest.backtest_job import BacktestRequest
from webapp.store.rules import backtests
from webapp.store.system.connection import connect

PLAYERS = 20_000
SPAN = timedelta(days=180)
SCORE = {">=": [{"var": "event.properties.score"}, 90]}
QUIZ: Document = {"trigger": {"events": ["quiz_passed"]}}
DRAFTS: dict[str, Document] = {
    "of its event alone": {"kind": "badge", "key": "sharp", "tier": "gold", **QUIZ, "condition": SCORE},
    "of a metric and a streak": {"kind": "badge", "key": "busy", "tier": "gold", **QUIZ, "condition": {"and": [
        SCORE, {">=": [{"var": "metric.count_quiz_passed.this_month"}, 3]},
        {">=": [{"var": "streak.weekly.current"}, 2]}]}},
    "against its live version": {"kind": "badge", "key": "steps_quiz_passed_50", "tier": "silver", **QUIZ,
                                 "condition": {">=": [{"var": "metric.count_quiz_passed.total"}, 5]}},
    "of the level: all 50 rules": {"kind": "badge", "key": "high", "tier": "gold", **QUIZ, "condition": {"and": [
        SCORE, {">=": [{"var": "player.level"}, 2]}]}},
}  # fmt: skip


@dataclass(frozen=True)
class Replayed:
    """One backtest: of which draft, over how many entries, in what time, and whom it would reach."""

    name: str
    entries: int
    seconds: float
    players: int


def fill(settings: Settings, count: int) -> None:
    """Put `count` applied events of the last half year into the log; it takes some 20 µs for each."""
    with psycopg.connect(settings.owner_url) as db:
        rulebook = _one(db, "SELECT max(number) FROM rulebook")
        numbers = [
            _one(
                db, "INSERT INTO player (id, shard, version) VALUES (%s, %s, 0) RETURNING number", name, shard_of(name)
            )
            for name in (f"past-{index}" for index in range(PLAYERS))
        ]
        first_seq = _one(db, "SELECT nextval('entry_seq')")
        ns = dict(db.execute("SELECT number, n FROM shard").fetchall())
        with db.cursor().copy(ENTRY) as copy:
            for row in _entries(count, numbers, first_seq):
                copy.write_row(row)
        with db.cursor().copy("COPY applied (shard, n, seq, received_on, player, rulebook) FROM STDIN") as copy:
            for seq, day, _, shard, number, *_ in _entries(count, numbers, first_seq):
                ns[shard] += 1
                copy.write_row((shard, ns[shard], seq, day, number, rulebook))
        db.cursor().executemany("UPDATE shard SET n = %s WHERE number = %s", [(n, shard) for shard, n in ns.items()])
        db.execute("SELECT setval('entry_seq', %s)", (first_seq + count,))
    with psycopg.connect(settings.owner_url, autocommit=True) as db:
        db.execute("VACUUM ANALYZE entry, applied")


ENTRY = (
    "COPY entry (seq, received_on, received_at, shard, player, app_id, type, event_id, occurred_at, payload) FROM STDIN"
)


def _entries(count: int, numbers: list[int], first_seq: int) -> Iterator[tuple[Any, ...]]:
    """The same events each time it is called; the first moment is half a year ago, the last is now."""
    chance, now = random.Random(5), datetime.now(UTC)
    for index in range(count):
        player = chance.randrange(PLAYERS)
        content = {"score": chance.randrange(101), "thing": f"t{chance.randrange(400)}", "weight": 1}
        moment = now - SPAN * ((count - index) / count)
        yield (
            first_seq + index,
            now.date(),
            now,
            shard_of(f"past-{player}"),
            numbers[player],
            1,
            chance.choice(TYPES),
            f"past-{index}",
            moment,
            json.dumps(content).encode(),
        )


def _one(db: psycopg.Connection[Any], question: str, *values: Any) -> int:
    row = db.execute(question, values).fetchone()
    assert row is not None
    return int(row[0])


def replayed(settings: Settings, name: str) -> Replayed:
    """Ask for one backtest over everything, as the page does, and wait until its worker has done it."""
    document = {"name": name, **DRAFTS[name]}
    request = BacktestRequest(document, to_json(lift(document["condition"], Catalogue())), name, None)
    began = time.perf_counter()
    with connect(settings.database_url) as conn:
        job = backtest_job.start(conn, request, "bench")
        conn.commit()
        backtest_job.call(settings, job)
        while (backtest := backtests.by_id(conn, job)) and backtest.is_open:
            conn.rollback()
            time.sleep(0.1)
    seconds = time.perf_counter() - began
    assert backtest is not None
    assert backtest.result is not None, backtest.detail
    return Replayed(name, backtest.total, seconds, backtest.result["draft"]["players"])
