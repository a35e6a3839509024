"""Files of coupon codes: one job reads a file into staging, another takes it into its pool; both can be run again."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from engine.coupons.code_file.checked_lines import read_lines
from engine.coupons.code_file.code_shape import common_shape
from engine.coupons.code_file.layout import Layout, recognise_layout, with_choices
from engine.coupons.code_file.split_rows import UnreadableCodeFile, decode_file, first_rows
from webapp.config import Settings
from webapp.queue import slow_jobs
from webapp.runtime.clock import now
from webapp.services.coupons import stock
from webapp.store.campaigns import campaign_rows, code_uploads, coupons, pools
from webapp.store.campaigns.pools import CouponPool
from webapp.store.people import audit
from webapp.store.system import page_jobs, slow_job_rows
from webapp.store.system.connection import Connection, connect
from webapp.store.system.slow_job_rows import SlowJob

LINES_AT_ONCE = 2_000
CODE_LENGTH_SHOWN = 200
CELL_LENGTH_SHOWN = 80
ROWS_SHOWN = 6
SHAPE_SAMPLE = 2_000
OTHERS_SHOWN = 5
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


def choose_columns(
    settings: Settings, number: int, code: int, good_until: int | None, by: str, *, has_heading: bool
) -> None:
    """Have a file read once more with these columns. Raises UploadNotReady; `IndexError` for a column it has not."""

    def with_columns(conn: Connection, layout: Layout) -> Layout:
        if code >= layout.columns or (good_until or 0) >= layout.columns or code == good_until:
            raise IndexError(code)
        text, _ = decode_file(code_uploads.upload_content(conn, number))
        return with_choices(layout, text, code, good_until, has_heading=has_heading)

    _read_again(settings, number, by, with_columns)


def choose_date_order(settings: Settings, number: int, order: str, by: str) -> None:
    """Have a file read once more with days or months first in its dates. Raises UploadNotReady."""
    _read_again(settings, number, by, lambda _, layout: replace(layout, date_order=order))


def _read_again(settings: Settings, number: int, by: str, change: Callable[[Connection, Layout], Layout]) -> None:
    """Have a file read once more in another way; what is known of it beside its layout stays."""
    with connect(settings.database_url) as conn:
        _settle_ready_upload(conn, number, "reading")
        upload = code_uploads.upload(conn, number)
        if upload is None or upload.layout is None:
            raise UploadNotReady(number)
        layout = change(conn, Layout.from_json(upload.layout))
        code_uploads.set_layout(conn, number, upload.layout | layout.as_json())
        job = start_upload_job(conn, READ, number, by)
        conn.commit()
    slow_jobs.enqueue_job(settings, job)


def leave_out_line(settings: Settings, number: int, line: int) -> None:
    """Leave one good line of a file out. Raises UploadNotReady if the file or the line is settled already."""
    with connect(settings.database_url) as conn:
        if not code_uploads.leave_out(conn, number, line):
            raise UploadNotReady(number)
        conn.commit()


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
    code_uploads.add_lines(conn, number, [(line, code, None, None) for line, code in enumerate(codes, 1)])
    code_uploads.refuse_known_codes(conn, number)
    code_uploads.mark_read(conn, number, {})
    code_uploads.set_status(conn, number, "ready", "taking")
    start_upload_job(conn, TAKE, number, by)


def read_job(settings: Settings, job: SlowJob) -> dict[str, Any]:
    """Read a file into the staging table, line by line. Raises `UploadStopped`."""
    number = int(job.params["upload"])
    with connect(settings.database_url) as conn:
        try:
            text, layout = _layout(conn, number)
            zone = zone_of_upload(conn, number)
            conn.commit()
            _stage_lines(settings, job, number, text, layout, zone)
        except UnreadableCodeFile as error:
            conn.rollback()
            code_uploads.mark_failed(conn, number, str(error))
            conn.commit()
            return {"problem": str(error)}
        code_uploads.refuse_known_codes(conn, number)
        code_uploads.mark_read(conn, number, _shape(conn, number))
        conn.commit()
    return {}


def _shape(conn: Connection, number: int) -> dict[str, Any]:
    """The shape that nearly all good codes of a file share, and the first codes that have another."""
    shape = common_shape([code for _, code in code_uploads.sample_codes(conn, number, SHAPE_SAMPLE)])
    others: list[tuple[int, str]] = []
    count = last_line = 0
    while shape and (page := code_uploads.good_codes(conn, number, last_line, LINES_AT_ONCE)):
        unlike = [(line, code) for line, code, _ in page if not shape.fits(code)]
        others += unlike[: OTHERS_SHOWN - len(others)]
        count, last_line = count + len(unlike), page[-1][0]
    return {"shape": shape.pattern if shape else None, "others": others, "others_count": count}


def _layout(conn: Connection, number: int) -> tuple[str, Layout]:
    """The text of a file, and how it is read: as somebody chose, or as it is recognised now."""
    upload = code_uploads.upload(conn, number)
    assert upload is not None, "an upload is never deleted"
    text, encoding = decode_file(code_uploads.upload_content(conn, number))
    if upload.layout is not None:
        return text, Layout.from_json(upload.layout)
    layout = recognise_layout(text, encoding)
    rows = [
        [row.number, [cell[:CELL_LENGTH_SHOWN] for cell in row.cells]]
        for row in first_rows(text, layout.separator, ROWS_SHOWN)
    ]
    code_uploads.set_layout(conn, number, layout.as_json() | {"rows": rows})
    return text, layout


def zone_of_upload(conn: Connection, number: int) -> ZoneInfo:
    """The time zone in which the days of a file end: the campaign's, or UTC."""
    upload = code_uploads.upload(conn, number)
    pool = pools.pool_by_id(conn, upload.pool) if upload else None
    campaign = campaign_rows.campaign_of_game(conn, pool.game) if pool and pool.game else None
    row = campaign_rows.campaign(conn, campaign) if campaign else None
    return ZoneInfo((row.document.get("timezone") if row else None) or "UTC")


def _stage_lines(settings: Settings, job: SlowJob, number: int, text: str, layout: Layout, zone: ZoneInfo) -> None:
    total, remaining = text.count("\n") + 1, read_lines(text, layout, now().astimezone(zone).date())
    with connect(settings.database_url) as conn:
        while page := list(islice(remaining, LINES_AT_ONCE)):
            rows = [
                # PostgreSQL stores no NUL; such a line is refused anyway, and shown without it.
                (
                    line.number,
                    line.code[:CODE_LENGTH_SHOWN].replace("\x00", ""),
                    line.problem or None,
                    _end_of_day(line.good_until, zone),
                )
                for line in page
            ]
            code_uploads.add_lines(conn, number, rows)
            _report_progress(conn, job, min(page[-1].number, total), total)
            conn.commit()


def _end_of_day(day: date | None, zone: ZoneInfo) -> datetime | None:
    return None if day is None else datetime.combine(day + timedelta(days=1), time(), zone)


def take_job(settings: Settings, job: SlowJob) -> dict[str, Any]:
    """Take an upload's good lines into its pool, some thousands in each transaction. Raises `UploadStopped`."""
    number, last_line, taken = int(job.params["upload"]), 0, 0
    with connect(settings.database_url) as conn:
        upload = code_uploads.upload(conn, number)
        assert upload is not None, "an upload is never deleted"
        pool = pools.pool_by_id(conn, upload.pool)
        while page := code_uploads.good_codes(conn, number, last_line, LINES_AT_ONCE):
            conn.rollback()
            ends = {code: good_until for _, code, good_until in page if good_until is not None}
            added_now = _add_codes(conn, settings, pool, [code for _, code, _ in page], ends)
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


def _add_codes(
    conn: Connection, settings: Settings, pool: CouponPool, codes: Sequence[str], good_until: Mapping[str, datetime]
) -> int:
    """A game's stock changes under the game's lock; nothing is paced by a pool that belongs to no game."""
    if pool.game is None:
        return coupons.add_codes(conn, pool.id, codes, good_until=good_until)
    return stock.top_up(conn, settings, pool.game, str(pool.brand), codes, good_until).changed


def _report_progress(conn: Connection, job: SlowJob, done: int, total: int) -> None:
    if not slow_job_rows.progress(conn, job.id, done, total):
        raise UploadStopped("stopped by hand; what was taken so far stays")
