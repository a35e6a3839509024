"""Files of coupon codes: read into staging by one job, taken into their pool by another; each can be run again."""

from collections.abc import Sequence
from itertools import islice
from typing import Any

from engine.coupons.code_file import Unreadable, decoded, lines
from webapp.config import Settings
from webapp.services.coupons import stock
from webapp.store.campaigns import code_uploads, coupons, pools
from webapp.store.people import audit
from webapp.store.system import page_jobs, slow_job_rows
from webapp.store.system.connection import Connection, connect
from webapp.store.system.slow_job_rows import Job

LINES_AT_ONCE = 2_000
READ, TAKE = "read_coupons", "take_coupons"


def upload_subject(number: int) -> str:
    """The name under which the jobs of a file are found."""
    return f"upload-{number}"


def start_upload_job(conn: Connection, kind: str, number: int, by: str) -> str:
    """Write down that a file is to be read, or taken; call the job after the commit."""
    return page_jobs.start(conn, kind, {"upload": number, "subject": upload_subject(number)}, by)


def take_codes(conn: Connection, pool: int, name: str, codes: Sequence[str], by: str) -> None:
    """Have codes that somebody vouches for taken into a pool, as a file that was read; the beat calls the job."""
    number = code_uploads.insert_upload(conn, pool, name, b"", by)
    code_uploads.add_lines(conn, number, [(place, code, None) for place, code in enumerate(codes, 1)])
    code_uploads.refuse_known_codes(conn, number)
    code_uploads.mark_read(conn, number)
    code_uploads.set_status(conn, number, "ready", "taking")
    start_upload_job(conn, TAKE, number, by)


class UploadStopped(Exception):  # noqa: N818  (nothing went wrong: somebody asked for it)
    """The job was cancelled half-way."""


def read_job(settings: Settings, job: Job) -> dict[str, Any]:
    """Read a file into the staging table, line by line."""
    number = int(job.params["upload"])
    with connect(settings.database_url) as conn:
        content = code_uploads.upload_content(conn, number)
        conn.rollback()
        try:
            _read(settings, job, number, decoded(content))
        except Unreadable as error:
            code_uploads.mark_failed(conn, number, str(error))
            conn.commit()
            return {"problem": str(error)}
        code_uploads.refuse_known_codes(conn, number)
        code_uploads.mark_read(conn, number)
        conn.commit()
    return {}


def _read(settings: Settings, job: Job, number: int, text: str) -> None:
    total, found = text.count("\n") + 1, lines(text)
    with connect(settings.database_url) as conn:
        while page := list(islice(found, LINES_AT_ONCE)):
            rows = [(each.number, each.code[:200].replace("\x00", ""), each.problem or None) for each in page]
            code_uploads.add_lines(conn, number, rows)
            _go_on(slow_job_rows.progress(conn, job.id, min(page[-1].number, total), total))
            conn.commit()


def take_job(settings: Settings, job: Job) -> dict[str, Any]:
    """Take the good lines of a file into its pool, some thousands at a time, each time under the game's lock."""
    number, after, taken = int(job.params["upload"]), 0, 0
    with connect(settings.database_url) as conn:
        found = code_uploads.upload(conn, number)
        assert found is not None, "an upload is never deleted"
        pool = pools.pool_by_id(conn, found.pool)
        while page := code_uploads.good_codes(conn, number, after, LINES_AT_ONCE):
            conn.rollback()
            codes = [code for _, code in page]
            if pool.game is not None:
                new = stock.top_up(conn, settings, pool.game, str(pool.brand), codes).changed
            else:
                new = coupons.add_codes(conn, pool.id, codes)
            code_uploads.count_added(conn, number, new)
            after, taken = page[-1][0], taken + len(page)
            _go_on(slow_job_rows.progress(conn, job.id, taken, found.valid))
            conn.commit()
        code_uploads.set_status(conn, number, "taking", "taken")
        added = code_uploads.added_count(conn, number)  # also by a worker that died over it
        where = f"{pool.game}/{pool.brand}" if pool.game else str(pool.key)
        audit.note(conn, job.created_by, "coupons.upload", where, after={"file": found.name, "added": added})
        conn.commit()
    return {"added": added}


def _go_on(is_wanted: bool) -> None:  # noqa: FBT001  (what the store answers)
    if not is_wanted:
        raise UploadStopped("stopped by hand; what was taken so far stays")
