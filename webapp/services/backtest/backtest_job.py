"""A backtest: history replayed against a draft, shard by shard in several processes, with progress and cancel.

Awards are found by the same fold, under the same rulebooks, as when history is awarded: what a backtest calls payable
is what publishing would pay. The window limits what is counted; what happened before it is folded all the same.
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
from webapp.services.backtest.backtest_context import BacktestContext, BacktestDraft
from webapp.services.backtest.shard_replay import CASE_LISTS, ShardResult, backtest_shard
from webapp.services.backtest.tally import add_up, newest_cases
from webapp.store.events import shards
from webapp.store.rules import backtests, rule_versions
from webapp.store.system import slow_job_rows
from webapp.store.system.connection import Connection, connect
from webapp.store.system.slow_job_rows import SlowJob

DAYS = 30
MICROS_PER_DAY = 86_400_000_000
PROCESSES_MAX = 4
PROGRESS_EVERY_SECONDS = 10
ENTRIES_IN_ONE_PROCESS_MAX = 20_000  # starting processes takes longer than folding these
BacktestResult = dict[str, Any]


@dataclass(frozen=True, slots=True)
class BacktestRequest:
    """What to replay: a draft's whole document, its condition tree, the hash of both; `days` back, None for all."""

    document: Mapping[str, Any]
    tree: Mapping[str, Any] | None
    hash: str
    days: int | None = DAYS


def start(conn: Connection, request: BacktestRequest, by: str) -> str:
    """Store a backtest, cancel one still running for the same rule, and give the job's id; `call` it after the commit.

    Old results of the rule are deleted (`backtests.tidy`).
    """
    rule = request.document["key"]
    backtests.delete_old(conn, rule)
    backtests.cancel(conn, rule)
    params = {
        "rule": rule,
        "hash": request.hash,
        "days": request.days,
        "document": request.document,
        "tree": request.tree,
    }
    return slow_job_rows.start(conn, backtests.KIND, params, by)


def start_and_call(settings: Settings, conn: Connection, request: BacktestRequest, by: str) -> None:
    """Start a backtest, commit, and wake a worker for it."""
    job_id = start(conn, request, by)
    conn.commit()
    call(settings, job_id)


def cancel(conn: Connection, rule: str) -> None:
    """Cancel the running backtests of a rule, and commit."""
    backtests.cancel(conn, rule)
    conn.commit()


def call(settings: Settings, job_id: str) -> None:
    """Wake a slow worker; if the call is lost, the beat repeats it."""
    slow_jobs.enqueue_job(settings, job_id)


def run_job(settings: Settings, job: SlowJob) -> BacktestResult | None:
    """Replay all shards and store the result with the job; None if it was cancelled meanwhile."""
    with connect(settings.database_url) as conn:
        draft, entries = _draft(conn, job.params), backtests.length_of_history(conn)
        conn.rollback()
    results: list[ShardResult] = []
    for new_results in _shard_results(settings, draft, entries):
        results += new_results
        if not _report_progress(settings, job.id, sum(result["entries"] for result in results), entries):
            return None
    return _finish(settings, job.id, _summed(draft, job.params, results))


def _draft(conn: Connection, params: Mapping[str, Any]) -> BacktestDraft:
    days = params["days"]
    since = 0 if days is None else clock.now_micros() - days * MICROS_PER_DAY
    return BacktestDraft(params["document"], params["tree"], since, rule_versions.live_number(conn))


def _shard_results(settings: Settings, draft: BacktestDraft, entries: int) -> Iterator[list[ShardResult]]:
    """Results as shards are done: in this process for a short history, else in a pool of processes.

    Yields an empty list every ten seconds in which none was done, so that the job's lease is renewed.
    """
    if entries < ENTRIES_IN_ONE_PROCESS_MAX:
        with connect(settings.database_url) as conn:
            context = BacktestContext.build(conn, draft)
            for shard in shards.ALL:
                yield [backtest_shard(conn, context, shard)]
        return
    # Spawned, not forked: nothing of this process is shared, neither connections nor threads.
    arguments = (os.getpid(), settings.database_url, draft)
    processes = min(PROCESSES_MAX, os.cpu_count() or 1)
    pool = ProcessPoolExecutor(processes, get_context("spawn"), worker_process.begin, arguments)
    try:
        waiting = {pool.submit(worker_process.run_shard, shard) for shard in shards.ALL}
        while waiting:
            done, waiting = wait(waiting, PROGRESS_EVERY_SECONDS, FIRST_COMPLETED)
            yield [future.result() for future in done]
    finally:
        pool.shutdown(cancel_futures=True)


def _summed(draft: BacktestDraft, params: Mapping[str, Any], results: list[ShardResult]) -> BacktestResult:
    cases = {name: newest_cases(case for result in results for case in result["cases"][name]) for name in CASE_LISTS}
    return {
        **add_up([result["counts"] for result in results]),
        "cases": cases,
        "since": draft.since,
        "rulebook": draft.rulebook,
        "days": params["days"],
    }


def _finish(settings: Settings, job_id: str, result: BacktestResult) -> BacktestResult:
    """Store the result, without cases of players who were erased meanwhile.

    An erasure removes cases from finished results. It either waits for this transaction, or this one waits for it: the
    players' rows are locked until the commit.
    """
    with connect(settings.database_url) as conn:
        players = {case["player"] for cases in result["cases"].values() for case in cases}
        present = backtests.lock_present(conn, players)
        cases = {name: [case for case in cases if case["player"] in present] for name, cases in result["cases"].items()}
        stored = {**result, "cases": cases}
        slow_job_rows.finish(conn, job_id, stored)
        conn.commit()
    return stored


def _report_progress(settings: Settings, job_id: str, done: int, entries: int) -> bool:
    """Store how far the job is; False once it was cancelled."""
    with connect(settings.database_url) as conn:
        goes_on = slow_job_rows.progress(conn, job_id, done, entries)
        conn.commit()
    return goes_on
