"""Backtests: history replayed against a draft, shard by shard in processes of its own, with progress and a stop.

Awards are found by the same fold and in the same rulebooks as when history is awarded, so that what it says would be
paid is what is paid then. The window only bounds what is counted; what happened before is folded too.
"""

import os
from collections.abc import Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any

from webapp.config import Settings
from webapp.queue import slow_jobs
from webapp.runtime import clock
from webapp.services.backtest import worker_process
from webapp.services.backtest.backtest_context import Draft, Lens
from webapp.services.backtest.shard_backtest import CASES, Found, look_through
from webapp.services.backtest.tally import added, newest_cases
from webapp.store.events import shards
from webapp.store.rules import backtests, rule_versions
from webapp.store.system import slow_job_rows
from webapp.store.system.connection import Connection, connect
from webapp.store.system.slow_job_rows import Job

GIVING_KINDS = ("earning", "badge", "mission")
DAYS = 30
MICROS_PER_DAY = 86_400_000_000
PROCESSES_MAX = 4
SAYS_EVERY_SECONDS = 10
SHORT = 20_000  # entries; starting processes takes longer than folding these


@dataclass(frozen=True, slots=True)
class Asked:
    """What to replay: the whole document of a draft, its condition tree, the hash of both, and how many days."""

    document: Mapping[str, Any]
    tree: Mapping[str, Any] | None
    hash: str
    days: int | None = DAYS


def start(conn: Connection, asked: Asked, by: str) -> str:
    """Write a backtest down in the place of one that goes on for the same rule; call it after the commit.

    Old ones of the rule are thrown away (`backtests.tidy`).
    """
    backtests.tidy(conn, asked.document["key"])
    backtests.cancel(conn, asked.document["key"])
    params = {
        "rule": asked.document["key"],
        "hash": asked.hash,
        "days": asked.days,
        "document": asked.document,
        "tree": asked.tree,
    }
    return slow_job_rows.start(conn, backtests.KIND, params, by)


def call(settings: Settings, job_id: str) -> None:
    """Call a worker; without one the beat does."""
    slow_jobs.call(settings, job_id)


def run_job(settings: Settings, job: Job) -> Found | None:
    """Replay all shards and keep what was found with the job; None once somebody stopped it."""
    with connect(settings.database_url) as conn:
        draft, entries = _draft(conn, job.params), backtests.length_of_history(conn)
        conn.rollback()
    found: list[Found] = []
    for some in _shards_done(settings, draft, entries):
        found += some
        if not _goes_on(settings, job.id, sum(each["entries"] for each in found), entries):
            return None
    return _kept(settings, job.id, _summed(draft, job.params, found))


def _draft(conn: Connection, params: Mapping[str, Any]) -> Draft:
    days = params["days"]
    since = 0 if days is None else clock.now_micros() - days * MICROS_PER_DAY
    return Draft(params["document"], params["tree"], since, rule_versions.live_number(conn))


def _shards_done(settings: Settings, draft: Draft, entries: int) -> Iterator[list[Found]]:
    """What shards came to, as they get done: here where history is short, else in processes beside this one.

    Now and then nothing is new; it is a time to say that the job goes on.
    """
    if entries < SHORT:
        with connect(settings.database_url) as conn:
            lens = Lens.of(conn, draft)
            for shard in shards.ALL:
                yield [look_through(conn, lens, shard)]
        return
    context = get_context("spawn")  # nothing of this process is shared: no connection, no thread
    beginning = (os.getpid(), settings.database_url, draft)
    pool = ProcessPoolExecutor(min(PROCESSES_MAX, os.cpu_count() or 1), context, worker_process.begin, beginning)
    try:
        waiting = {pool.submit(worker_process.look, shard) for shard in shards.ALL}
        while waiting:
            done, waiting = wait(waiting, SAYS_EVERY_SECONDS, FIRST_COMPLETED)
            yield [each.result() for each in done]
    finally:
        pool.shutdown(cancel_futures=True)


def _summed(draft: Draft, params: Mapping[str, Any], found: list[Found]) -> Found:
    counts = added([each["counts"] for each in found])
    cases = {name: newest_cases(case for each in found for case in each["cases"][name]) for name in CASES}
    return {
        **counts,
        "cases": cases,
        "since": draft.since,
        "rulebook": draft.rulebook,
        "days": params["days"],
    }


def _kept(settings: Settings, job_id: str, found: Found) -> Found:
    """Finish the job with the cases of those who are still there.

    An erasure looks for cases in finished results: it waits for this one, or this waits for the erasure.
    """
    listed = found["cases"]
    with connect(settings.database_url) as conn:
        there = backtests.still_there(conn, {case["player"] for cases in listed.values() for case in cases})
        cases = {name: [case for case in cases if case["player"] in there] for name, cases in listed.items()}
        kept = {**found, "cases": cases}
        slow_job_rows.finish(conn, job_id, kept)
        conn.commit()
    return kept


def _goes_on(settings: Settings, job_id: str, done: int, entries: int) -> bool:
    with connect(settings.database_url) as conn:
        goes_on = slow_job_rows.progress(conn, job_id, done, entries)
        conn.commit()
    return goes_on
