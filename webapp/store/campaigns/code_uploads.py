"""Uploaded files of coupon codes, and their lines in staging."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from webapp.store.system.arrays import columns
from webapp.store.system.connection import Connection


@dataclass(frozen=True, slots=True)
class CodeUpload:
    """One file: its lines, how many are valid, and how many became coupons."""

    id: int
    pool: int
    name: str
    status: str
    lines: int
    valid: int
    added: int
    detail: str | None
    created_by: str
    created_at: datetime
    size: int

    @property
    def bad(self) -> int:
        """How many lines are refused."""
        return self.lines - self.valid


SHOWN = (
    "SELECT id, pool, name, status, lines, valid, added, detail, created_by, created_at,"
    " coalesce(octet_length(content), 0) FROM coupon_upload"
)


def insert_upload(conn: Connection, pool: int, name: str, content: bytes, by: str) -> int:
    """Insert a file that is to be read; returns its number."""
    row = conn.execute(
        "INSERT INTO coupon_upload (pool, name, content, created_by) VALUES (%s, %s, %s, %s) RETURNING id",
        (pool, name[:200], content, by),
    ).fetchone()
    assert row is not None
    return int(row[0])


def upload(conn: Connection, number: int) -> CodeUpload | None:
    """One file; None for an unknown number."""
    row = conn.execute(f"{SHOWN} WHERE id = %s", (number,)).fetchone()
    return None if row is None else CodeUpload(*row)


def uploads_of_pools(conn: Connection, pools: Sequence[int], limit: int) -> list[CodeUpload]:
    """The newest files of these pools."""
    rows = conn.execute(f"{SHOWN} WHERE pool = ANY(%s) ORDER BY id DESC LIMIT %s", (list(pools), limit))
    return [CodeUpload(*row) for row in rows]


def upload_content(conn: Connection, number: int) -> bytes:
    """The content of a file; empty once it is read."""
    row = conn.execute("SELECT content FROM coupon_upload WHERE id = %s", (number,)).fetchone()
    return bytes(row[0]) if row and row[0] else b""


def add_lines(conn: Connection, number: int, rows: Sequence[tuple[int, str, str | None]]) -> None:
    """Stage (line, code, problem) of a file; a line that is staged already is left as it is."""
    if rows:
        conn.execute(
            "INSERT INTO coupon_upload_line (upload, line, code, problem)"
            " SELECT %s, * FROM unnest(%s::int[], %s::text[], %s::text[]) ON CONFLICT DO NOTHING",
            (number, *columns(rows)),
        )


def refuse_known_codes(conn: Connection, number: int) -> None:
    """Refuse the lines whose codes are coupons already, in any pool."""
    conn.execute(
        "UPDATE coupon_upload_line l SET problem = 'is a coupon already' FROM coupon c"
        " WHERE l.upload = %s AND l.problem IS NULL AND c.code = l.code",
        (number,),
    )


def mark_read(conn: Connection, number: int) -> None:
    """The file is read: count its lines and drop its content."""
    conn.execute(
        "UPDATE coupon_upload SET status = 'ready', content = NULL,"
        " lines = (SELECT count(*) FROM coupon_upload_line WHERE upload = %(id)s),"
        " valid = (SELECT count(*) FROM coupon_upload_line WHERE upload = %(id)s AND problem IS NULL)"
        " WHERE id = %(id)s",
        {"id": number},
    )


def mark_failed(conn: Connection, number: int, detail: str) -> None:
    """Record that the file cannot be read, and why."""
    conn.execute(
        "UPDATE coupon_upload SET status = 'failed', detail = %s, content = NULL WHERE id = %s", (detail, number)
    )


def set_status(conn: Connection, number: int, before: str, after: str) -> bool:
    """Move a file from one status to the next; false where it has another status by now."""
    row = conn.execute(
        "UPDATE coupon_upload SET status = %s WHERE id = %s AND status = %s RETURNING id", (after, number, before)
    ).fetchone()
    return row is not None


def count_added(conn: Connection, number: int, count: int) -> None:
    """Add to the number of coupons that came from a file."""
    conn.execute("UPDATE coupon_upload SET added = added + %s WHERE id = %s", (count, number))


def added_count(conn: Connection, number: int) -> int:
    """How many coupons came from a file."""
    row = conn.execute("SELECT added FROM coupon_upload WHERE id = %s", (number,)).fetchone()
    return 0 if row is None else int(row[0])


def good_codes(conn: Connection, number: int, after: int, limit: int) -> list[tuple[int, str]]:
    """A page of a file's valid lines: (line, code)."""
    rows = conn.execute(
        "SELECT line, code FROM coupon_upload_line WHERE upload = %s AND problem IS NULL AND line > %s"
        " ORDER BY line LIMIT %s",
        (number, after, limit),
    )
    return [(row[0], row[1]) for row in rows]


def refused_lines(conn: Connection, number: int, limit: int) -> list[tuple[int, str, str]]:
    """A file's first refused lines: (line, code, problem)."""
    rows = conn.execute(
        "SELECT line, code, problem FROM coupon_upload_line WHERE upload = %s AND problem IS NOT NULL"
        " ORDER BY line LIMIT %s",
        (number, limit),
    )
    return [(row[0], row[1], row[2]) for row in rows]
