"""Files of coupon codes: read into staging by one job, taken into their pool by another; each can be run again."""

from typing import Any

from engine.coupons.sheet import Unreadable, decoded, lines
from webapp.config import Settings
from webapp.jobs.games import stock
from webapp.store import audit, coupons, pools, uploads, work
from webapp.store.connection import connect
from webapp.store.work import Job

AT_ONCE = 5_000


class Stopped(Exception):  # noqa: N818  (nothing went wrong: somebody asked for it)
    """The job was cancelled half-way."""


def read_job(settings: Settings, job: Job) -> dict[str, Any]:
    """Read a file into the staging table, line by line."""
    number = int(job.params["upload"])
    with connect(settings.database_url) as conn:
        content = uploads.content(conn, number)
        conn.rollback()
        try:
            _read(settings, job, number, decoded(content))
        except Unreadable as error:
            uploads.fail(conn, number, str(error))
            conn.commit()
            return {"problem": str(error)}
        uploads.mark_known(conn, number)
        uploads.read(conn, number)
        conn.commit()
    return {}


def _read(settings: Settings, job: Job, number: int, text: str) -> None:
    total, page, done = text.count("\n") + 1, list[tuple[int, str, str | None]](), 0
    with connect(settings.database_url) as conn:
        for line in lines(text):
            page.append((line.number, line.code[:200].replace("\x00", ""), line.problem or None))
            if len(page) == AT_ONCE:
                done += len(page)
                uploads.add_lines(conn, number, page)
                _go_on(work.progress(conn, job.id, done, total))
                conn.commit()
                page = []
        uploads.add_lines(conn, number, page)
        conn.commit()


def take_job(settings: Settings, job: Job) -> dict[str, Any]:
    """Take the good lines of a file into its pool, some thousands at a time, each time under the game's lock."""
    number, after, added = int(job.params["upload"]), 0, 0
    with connect(settings.database_url) as conn:
        found = uploads.upload(conn, number)
        assert found is not None, "an upload is never deleted"
        pool = pools.by_id(conn, found.pool)
        while page := uploads.good_codes(conn, number, after, AT_ONCE):
            conn.rollback()
            codes = [code for _, code in page]
            if pool.game is not None:
                new = stock.top_up(conn, settings, pool.game, str(pool.brand), codes).changed
            else:
                new = coupons.add(conn, pool.id, codes)
            uploads.note_added(conn, number, new)
            after, added = page[-1][0], added + new
            _go_on(work.progress(conn, job.id, min(after, found.good), found.good))
            conn.commit()
        uploads.set_status(conn, number, "taking", "taken")
        where = f"{pool.game}/{pool.brand}" if pool.game else str(pool.key)
        audit.note(conn, job.created_by, "coupons.upload", where, after={"file": found.name, "added": added})
        conn.commit()
    return {"added": added}


def _go_on(is_wanted: bool) -> None:  # noqa: FBT001  (what the store answers)
    if not is_wanted:
        raise Stopped("stopped by hand; what was taken so far stays")
