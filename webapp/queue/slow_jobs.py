"""Slow jobs: kept in Postgres, run through RQ, and queued again by the beat when their worker died."""

from importlib import import_module
from typing import Any, Final

import psycopg
import structlog

from webapp.config import Settings
from webapp.queue import wakeups
from webapp.store.system import slow_job_rows
from webapp.store.system.connection import connect
from webapp.store.system.slow_job_rows import SlowJob

log = structlog.get_logger()

SECONDS_MAX = 6 * 3600  # walking through a long history takes its time
RUNNERS: Final = {
    "publish": "webapp.services.publishing.finish_publication:run_publication_job",
    "backtest": "webapp.services.backtest.backtest_job:run_job",
    "read_coupons": "webapp.services.coupons.code_uploads:read_job",
    "take_coupons": "webapp.services.coupons.code_uploads:take_job",
    "simulate": "webapp.services.campaigns.simulations:run_simulation_job",
}
"""What runs each kind of job, by dotted name, since the queue knows nothing of services."""


def enqueue_job(settings: Settings, job_id: str) -> None:
    """Queue a job whose row is committed; while Redis is away the beat does so later."""
    wakeups.try_enqueue(settings, wakeups.SLOW_QUEUE, "webapp.queue.slow_jobs.run_job", job_id, seconds_max=SECONDS_MAX)


def run_job(job_id: str) -> None:
    """What RQ runs: take the job, run it, save its result. After a database error the beat queues it again."""
    settings = Settings.from_environment()
    with connect(settings.database_url) as conn:
        job = slow_job_rows.take(conn, job_id)
        conn.commit()
    if job is not None:
        _close(settings, job, *_result_of(settings, job))


def _result_of(settings: Settings, job: SlowJob) -> tuple[Any, str | None]:
    """The job's result, or None and what went wrong."""
    module, _, function = RUNNERS[job.kind].partition(":")
    try:
        return getattr(import_module(module), function)(settings, job), None
    except psycopg.Error:
        raise
    except Exception as error:  # saved with the job, where its author sees it
        log.exception("job_failed", job=job.id, kind=job.kind)
        return None, f"{type(error).__name__}: {error}"


def _close(settings: Settings, job: SlowJob, result: Any, detail: str | None) -> None:
    with connect(settings.database_url) as conn:
        if detail is None:
            slow_job_rows.finish(conn, job.id, result)
        else:
            slow_job_rows.fail(conn, job.id, detail)
        conn.commit()
