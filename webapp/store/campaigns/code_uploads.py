"""Uploaded files of coupon codes, and their lines in staging."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from engine.coupons.code_file.checked_lines import DUPLICATE
from webapp.store.system.arrays import columns
from webapp.store.system.connection import Connection


@dataclass(frozen=True, slots=True)
class CodeUpload:
    """One file: its lines, how many are valid, and how many became coupons; how it is read, once that is known."""

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
    layout: dict[str, Any] | None

    @property
    def bad(self) -> int:
        """How many lines are refused."""
        return self.lines - self.valid


SHOWN = (
    "SELECT id, pool, name, status, lines, valid, added, detail, created_by, created_at,"
    " coalesce(octet_length(content), 0), layout FROM coupon_upload"
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
    """The content of a file; empty once it is settled, and for codes that came without a file."""
    row = conn.execute("SELECT content FROM coupon_upload WHERE id = %s", (number,)).fetchone()
    return bytes(row[0]) if row and row[0] else b""


def set_layout(conn: Connection, number: int, layout: dict[str, Any]) -> None:
    """Record how a file is read, and forget the lines that were read in another way."""
    conn.execute("UPDATE coupon_upload SET layout = %s WHERE id = %s", (Jsonb(layout), number))
    conn.execute("DELETE FROM coupon_upload_line WHERE upload = %s", (number,))


def add_lines(conn: Connection, number: int, rows: Sequence[tuple[int, str, str | None, datetime | None]]) -> None:
    """Stage (line, code, problem, good until) of a file; a line that is staged already is left as it is."""
    if rows:
        conn.execute(
            "INSERT INTO coupon_upload_line (upload, line, code, problem, good_until)"
            " SELECT %s, * FROM unnest(%s::int[], %s::text[], %s::text[], %s::timestamptz[]) ON CONFLICT DO NOTHING",
            (number, *columns(rows)),
        )


def refuse_known_codes(conn: Connection, number: int) -> None:
    """Refuse the lines whose codes are coupons already, in any pool, and say in which."""
    conn.execute(
        "UPDATE coupon_upload_line l SET problem = 'is a coupon already, of '"
        " || coalesce(g.document ->> 'name', p.game, p.key)"
        " FROM coupon c JOIN coupon_pool p ON p.id = c.pool LEFT JOIN game g ON g.key = p.game"
        " WHERE l.upload = %s AND l.problem IS NULL AND c.code = l.code",
        (number,),
    )


def leave_out(conn: Connection, number: int, line: int) -> bool:
    """Leave a good line of a file out, and count again; false where the file is not ready or the line not good."""
    row = conn.execute(
        "UPDATE coupon_upload_line l SET problem = 'was left out by hand' FROM coupon_upload u"
        " WHERE u.id = %s AND u.status = 'ready' AND l.upload = u.id AND l.line = %s AND l.problem IS NULL"
        " RETURNING l.line",
        (number, line),
    ).fetchone()
    if row is not None:
        conn.execute("UPDATE coupon_upload SET valid = valid - 1 WHERE id = %s", (number,))
    return row is not None


def mark_read(conn: Connection, number: int, shape: dict[str, Any]) -> None:
    """The file is read: count its lines, and keep with its layout what shape its codes have."""
    conn.execute(
        "UPDATE coupon_upload SET status = 'ready', layout = layout || %(shape)s,"
        " lines = (SELECT count(*) FROM coupon_upload_line WHERE upload = %(id)s),"
        " valid = (SELECT count(*) FROM coupon_upload_line WHERE upload = %(id)s AND problem IS NULL)"
        " WHERE id = %(id)s",
        {"id": number, "shape": Jsonb(shape)},
    )


def mark_failed(conn: Connection, number: int, detail: str) -> None:
    """Record that the file cannot be read, and why."""
    conn.execute(
        "UPDATE coupon_upload SET status = 'failed', detail = %s, content = NULL WHERE id = %s", (detail, number)
    )


def set_status(conn: Connection, number: int, before: str, after: str) -> bool:
    """Move a file from one status to the next; false where it has another status by now.

    A file that is settled needs its content no more.
    """
    drops = ", content = NULL" if after in {"taken", "discarded"} else ""
    row = conn.execute(
        f"UPDATE coupon_upload SET status = %s{drops} WHERE id = %s AND status = %s RETURNING id",
        (after, number, before),
    ).fetchone()
    return row is not None


def count_added(conn: Connection, number: int, count: int) -> None:
    """Add to the number of coupons that came from a file."""
    conn.execute("UPDATE coupon_upload SET added = added + %s WHERE id = %s", (count, number))


def added_count(conn: Connection, number: int) -> int:
    """How many coupons came from a file."""
    row = conn.execute("SELECT added FROM coupon_upload WHERE id = %s", (number,)).fetchone()
    return 0 if row is None else int(row[0])


def good_codes(conn: Connection, number: int, after: int, limit: int) -> list[tuple[int, str, datetime | None]]:
    """A page of a file's valid lines: (line, code, good until)."""
    rows = conn.execute(
        "SELECT line, code, good_until FROM coupon_upload_line WHERE upload = %s AND problem IS NULL AND line > %s"
        " ORDER BY line LIMIT %s",
        (number, after, limit),
    )
    return [(row[0], row[1], row[2]) for row in rows]


def sample_codes(conn: Connection, number: int, limit: int) -> list[tuple[int, str]]:
    """Good lines from the whole of a file, evenly spread: (line, code)."""
    rows = conn.execute(
        "SELECT line, code FROM (SELECT line, code, row_number() OVER (ORDER BY line) - 1 AS place,"
        "  count(*) OVER () AS c FROM coupon_upload_line WHERE upload = %s AND problem IS NULL) AS good"
        " WHERE place %% greatest(1, c / %s) = 0 ORDER BY line LIMIT %s",
        (number, limit, limit),
    )
    return [(row[0], row[1]) for row in rows]


def lines_still_good(conn: Connection, number: int, lines: Sequence[int]) -> set[int]:
    """Those of the lines that are not left out."""
    rows = conn.execute(
        "SELECT line FROM coupon_upload_line WHERE upload = %s AND line = ANY(%s::int[]) AND problem IS NULL",
        (number, list(lines)),
    )
    return {row[0] for row in rows}


def good_until_counts(conn: Connection, number: int, limit: int) -> list[tuple[datetime | None, int]]:
    """How many good codes end at each moment, the most frequent first; None stands for those without an end."""
    rows = conn.execute(
        "SELECT good_until, count(*) FROM coupon_upload_line WHERE upload = %s AND problem IS NULL"
        " GROUP BY good_until ORDER BY count(*) DESC, good_until LIMIT %s",
        (number, limit),
    )
    return [(row[0], row[1]) for row in rows]


def duplicate_count(conn: Connection, number: int) -> int:
    """How many lines are left out because an earlier line of the same file has their code."""
    row = conn.execute(
        "SELECT count(*) FROM coupon_upload_line WHERE upload = %s AND starts_with(problem, %s)", (number, DUPLICATE)
    ).fetchone()
    return 0 if row is None else int(row[0])


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A line that is left out, or the first of several for one reason: `more` are not listed."""

    line: int
    code: str
    problem: str
    more: int


def left_out_lines(conn: Connection, number: int, per_reason: int, limit: int) -> list[LeftOut]:
    """The lines of a file that are left out: of one reason so many at most, the last of them with how many follow."""
    rows = conn.execute(
        "SELECT line, code, problem, CASE WHEN place = %(each)s THEN c - place ELSE 0 END FROM ("
        "  SELECT line, code, problem, row_number() OVER w AS place, count(*) OVER (PARTITION BY reason) AS c FROM ("
        "    SELECT *, CASE WHEN starts_with(problem, %(duplicate)s) THEN '' ELSE problem END AS reason"
        "    FROM coupon_upload_line WHERE upload = %(upload)s AND problem IS NOT NULL) AS bad"
        "  WINDOW w AS (PARTITION BY reason ORDER BY line)) AS placed"
        " WHERE place <= %(each)s ORDER BY line LIMIT %(limit)s",
        {"upload": number, "each": per_reason, "limit": limit, "duplicate": DUPLICATE},
    )
    return [LeftOut(*row) for row in rows]


def refused_lines(conn: Connection, number: int, after: int, limit: int) -> list[tuple[int, str, str]]:
    """A page of the lines that are left out: (line, code, problem)."""
    rows = conn.execute(
        "SELECT line, code, problem FROM coupon_upload_line WHERE upload = %s AND problem IS NOT NULL AND line > %s"
        " ORDER BY line LIMIT %s",
        (number, after, limit),
    )
    return [(row[0], row[1], row[2]) for row in rows]
