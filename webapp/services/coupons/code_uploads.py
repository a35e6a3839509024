"""Files of coupon codes: one job reads a file into staging, another takes it into its pool; both can be run again."""

from collections.abc import Sequence
from itertools import islice
from typing import Any

from engine.coupons.code_file import UnreadableCodeFile, decode_file, read_lines
from webapp.config import Settings
from webapp.queue import slow_jobs
from webapp.services.coupons import stock
from webapp.store.campaigns import code_uploads, coupons, pools
from webapp.store.campaigns.pools import CouponPool
from webapp.store.people import audit
from webapp.store.system import page_jobs, slow_job_rows
from webapp.store.system.connection import Connection, connect
from webapp.store.system.slow_job_rows import SlowJob

LINES_AT_ONCE = 2_000
CODE_LENGTH_SHOWN = 200
READ, TAKE = "read_coupons", "take_coupons"


class UploadStopped(Exception):  # noqa: N818  (nothing went wrong: somebody asked for it)
    """The job was cancelled half-way."""


class UploadNotReady(Exception):  # noqa: N818  (it names the upload's state)
    """A file is still being read, or was taken or discarded before."""


def upload_subject(number: int) -> str:
    """The subject under which an upload's jobs are found."""
    return f"upload-{number}"


def receive_file(settings: Settings, pool: int, name: str, content: bytes, by: str) -> int:
    """Store a file of codes for a pool and have it read; return its number. No coupon is added yet."""
    with connect(settings.database_url) as conn:
        number = code_uploads.insert_upload(conn, pool, name, content, by)
        job = start_upload_job(conn, READ, number, by)
        conn.commit()
    slow_jobs.enqueue_job(settings, job)
    return number


def take_file(settings: Settings, number: int, by: str) -> None:
    """Have the good lines of a file taken into its pool. Raises UploadNotReady."""
    with connect(settings.database_url) as conn:
        _settle_ready_upload(conn, number, "taking")
        job = start_upload_job(conn, TAKE, number, by)
        conn.commit()
    slow_jobs.enqueue_job(settings, job)


def discard_file(settings: Settings, number: int) -> None:
    """Discard a file that was read; none of its codes is added. Raises UploadNotReady."""
    with connect(settings.database_url) as conn:
        _settle_ready_upload(conn, number, "discarded")
        conn.commit()


def _settle_ready_upload(conn: Connection, number: int, status: str) -> None:
    if not code_uploads.set_status(conn, number, "ready", status):
        raise UploadNotReady(number)


def start_upload_job(conn: Connection, kind: str, number: int, by: str) -> str:
    """Record a job that reads or takes an upload, and return its id; the caller commits, then calls the job."""
    return page_jobs.start(conn, kind, {"upload": number, "subject": upload_subject(number)}, by)


def take_codes(conn: Connection, pool: int, name: str, codes: Sequence[str], by: str) -> None:
    """Have codes that somebody vouches for taken into a pool, as if a file had been read; the beat calls the job."""
    number = code_uploads.insert_upload(conn, pool, name, b"", by)
    code_uploads.add_lines(conn, number, [(line, code, None) for line, code in enumerate(codes, 1)])
    code_uploads.refuse_known_codes(conn, number)
    code_uploads.mark_read(conn, number)
    code_uploads.set_status(conn, number, "ready", "taking")
    start_upload_job(conn, TAKE, number, by)


def read_job(settings: Settings, job: SlowJob) -> dict[str, Any]:
    """Read a file into the staging table, line by line. Raises `UploadStopped`."""
    number = int(job.params["upload"])
    with connect(settings.database_url) as conn:
        content = code_uploads.upload_content(conn, number)
        conn.rollback()
        try:
            _stage_lines(settings, job, number, decode_file(content))
        except UnreadableCodeFile as error:
            code_uploads.mark_failed(conn, number, str(error))
            conn.commit()
            return {"problem": str(error)}
        code_uploads.refuse_known_codes(conn, number)
        code_uploads.mark_read(conn, number)
        conn.commit()
    return {}


def _stage_lines(settings: Settings, job: SlowJob, number: int, text: str) -> None:
    total, remaining = text.count("\n") + 1, read_lines(text)
    with connect(settings.database_url) as conn:
        while page := list(islice(remaining, LINES_AT_ONCE)):
            rows = [
                # PostgreSQL stores no NUL; such a line is refused anyway, and shown without it.
                (line.number, line.code[:CODE_LENGTH_SHOWN].replace("\x00", ""), line.problem or None)
                for line in page
            ]
            code_uploads.add_lines(conn, number, rows)
            _report_progress(conn, job, min(page[-1].number, total), total)
            conn.commit()


def take_job(settings: Settings, job: SlowJob) -> dict[str, Any]:
    """Take an upload's good lines into its pool, some thousands in each transaction. Raises `UploadStopped`."""
    number, last_line, taken = int(job.params["upload"]), 0, 0
    with connect(settings.database_url) as conn:
        upload = code_uploads.upload(conn, number)
        assert upload is not None, "an upload is never deleted"
        pool = pools.pool_by_id(conn, upload.pool)
        while page := code_uploads.good_codes(conn, number, last_line, LINES_AT_ONCE):
            conn.rollback()
            added_now = _add_codes(conn, settings, pool, [code for _, code in page])
            code_uploads.count_added(conn, number, added_now)
            last_line, taken = page[-1][0], taken + len(page)
            _report_progress(conn, job, taken, upload.valid)
            conn.commit()
        code_uploads.set_status(conn, number, "taking", "taken")
        added = code_uploads.added_count(conn, number)  # includes what a worker added that died over it
        target = f"{pool.game}/{pool.brand}" if pool.game else str(pool.key)
        audit.note(conn, job.created_by, "coupons.upload", target, after={"file": upload.name, "added": added})
        conn.commit()
    return {"added": added}


def _add_codes(conn: Connection, settings: Settings, pool: CouponPool, codes: Sequence[str]) -> int:
    """A game's stock changes under the game's lock; nothing is paced by a pool that belongs to no game."""
    if pool.game is None:
        return coupons.add_codes(conn, pool.id, codes)
    return stock.top_up(conn, settings, pool.game, str(pool.brand), codes).changed


def _report_progress(conn: Connection, job: SlowJob, done: int, total: int) -> None:
    if not slow_job_rows.progress(conn, job.id, done, total):
        raise UploadStopped("stopped by hand; what was taken so far stays")
