"""Coupons and their pools. The rows are the truth; a pool's counters follow them in the same transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.coupons.issue import may_become
from webapp.store.system.arrays import columns, integers
from webapp.store.system.connection import Connection


def add_codes(conn: Connection, pool_id: int, codes: Sequence[str], *, generated: bool = False) -> int:
    """Add coupons with these codes and give how many were new; a code that stands anywhere is left out.

    `generated` says that they were drawn by the pool's own pattern.
    """
    rows = conn.execute(
        "WITH added AS (INSERT INTO coupon (pool, code) SELECT %s, code FROM unnest(%s::text[]) AS code ORDER BY code"
        " ON CONFLICT (code) DO NOTHING RETURNING id)"
        " UPDATE coupon_pool SET initial = initial + c, available = available + c,"
        " generated = generated + CASE WHEN %s THEN c ELSE 0 END"
        " FROM (SELECT count(*) AS c FROM added) AS counted WHERE id = %s RETURNING c",
        (pool_id, list(codes), generated, pool_id),
    ).fetchone()
    return 0 if rows is None else int(rows[0])


def known_codes(conn: Connection, codes: Sequence[str]) -> set[str]:
    """Those of the codes that stand in some pool already."""
    return {row[0] for row in conn.execute("SELECT code FROM coupon WHERE code = ANY(%s)", (list(codes),))}


def lock_available(conn: Connection, pool_id: int, count: int) -> list[tuple[int, str]]:
    """Lock so many available coupons and give (id, code); fewer where fewer are free."""
    rows = conn.execute(
        "SELECT id, code FROM coupon WHERE pool = %s AND state = 'available' ORDER BY id LIMIT %s"
        " FOR UPDATE SKIP LOCKED",
        (pool_id, count),
    )
    return [(row[0], row[1]) for row in rows]


@dataclass(frozen=True, slots=True)
class Assignment:
    """A coupon on its way to a player: for a play or for a claim; moments in µs."""

    coupon: int
    pool: int
    player: int
    play: int | None = None
    claim: str | None = None
    expires_at: int | None = None


GIVE = """
UPDATE coupon SET state = %s, play = t.play, claim = t.claim, player = t.player,
  issued_at = CASE WHEN %s = 'issued' THEN clock_timestamp() END,
  reserved_until = clock_timestamp() + %s::int * interval '1 second',
  expires_at = 'epoch'::timestamptz + t.expires * interval '1 microsecond'
FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::bigint[], %s::bigint[]) AS t (id, play, claim, player, expires)
WHERE coupon.id = t.id AND coupon.state = 'available'
"""


def assign(conn: Connection, given: Sequence[Assignment], *, reserve_seconds: int | None = None) -> None:
    """Issue taken coupons, or reserve them for so many seconds while a provider is asked."""
    if not given:
        return
    state = "issued" if reserve_seconds is None else "reserved"
    rows = columns([(each.coupon, each.play, each.claim, each.player, each.expires_at) for each in given])
    conn.execute(GIVE, (state, state, reserve_seconds, *rows))
    count_moves(conn, [(each.pool, "available", state) for each in given])


def count_moves(conn: Connection, steps: Iterable[tuple[int, str, str]]) -> None:
    """Move (pool, from, to) in the counters, pools in the order of their ids."""
    moved: dict[tuple[int, str, str], int] = {}
    for step in steps:
        moved[step] = moved.get(step, 0) + 1
    for (pool_id, before, after), many in sorted(moved.items()):
        assert may_become(before, after), f"a coupon that is {before} cannot become {after}"
        conn.execute(
            f"UPDATE coupon_pool SET {before} = {before} - %s, {after} = {after} + %s WHERE id = %s",
            (many, many, pool_id),
        )


def change_state(conn: Connection, ids: Sequence[int], before: str, after: str) -> dict[int, int]:
    """Take coupons from one state to another where they still are in it; gives how many of each pool."""
    if not ids:
        return {}
    frees = ", play = NULL, claim = NULL, player = NULL, reserved_until = NULL" if after == "available" else ""
    ended = ", ended_at = clock_timestamp()" if after in {"redeemed", "expired", "voided"} else ""
    issued = ", issued_at = clock_timestamp(), reserved_until = NULL" if after == "issued" else ""
    rows = conn.execute(
        f"UPDATE coupon SET state = %s{frees}{ended}{issued}"
        " WHERE id = ANY(%s::bigint[]) AND state = %s RETURNING pool",
        (after, integers(sorted(ids)), before),
    ).fetchall()
    count_moves(conn, [(row[0], before, after) for row in rows])
    found: dict[int, int] = {}
    for row in rows:
        found[row[0]] = found.get(row[0], 0) + 1
    return found


@dataclass(frozen=True, slots=True)
class Coupon:
    """One coupon as an operator or an app sees it."""

    id: int
    pool: int
    code: str
    state: str
    game: str | None
    brand: str | None
    pool_key: str | None
    player: str | None
    issued_at: datetime | None
    expires_at: datetime | None
    ended_at: datetime | None


SHOWN = """
SELECT c.id, c.pool, c.code, c.state, p.game, p.brand, p.key, l.id, c.issued_at, c.expires_at, c.ended_at
FROM coupon c JOIN coupon_pool p ON p.id = c.pool LEFT JOIN player l ON l.number = c.player
"""


def by_code(conn: Connection, code: str, *, lock: bool = False) -> Coupon | None:
    """One coupon by its code."""
    row = conn.execute(f"{SHOWN} WHERE c.code = %s{' FOR UPDATE OF c' if lock else ''}", (code,)).fetchone()
    return None if row is None else Coupon(*row)


def player_coupons(conn: Connection, player: int, limit: int) -> list[Coupon]:
    """The coupons that a player was given, the newest first."""
    rows = conn.execute(f"{SHOWN} WHERE c.player = %s AND c.issued_at IS NOT NULL ORDER BY c.id DESC LIMIT %s",
                        (player, limit))  # fmt: skip
    return [Coupon(*row) for row in rows]


def issue_reserved(conn: Connection, coupon: int, pool_id: int, code: str, expires_at: int | None) -> None:
    """A reserved coupon is issued under the code that its provider gave; `expires_at` in µs.

    Raises `psycopg.errors.UniqueViolation` where another coupon has that code.
    """
    conn.execute(
        "UPDATE coupon SET state = 'issued', code = %s, issued_at = clock_timestamp(), reserved_until = NULL,"
        " expires_at = 'epoch'::timestamptz + %s * interval '1 microsecond' WHERE id = %s AND state = 'reserved'",
        (code, expires_at, coupon),
    )
    count_moves(conn, [(pool_id, "reserved", "issued")])


def redemption_name(conn: Connection, coupon: int) -> str | None:
    """The name under which a coupon was used."""
    row = conn.execute("SELECT redeemed_as FROM coupon WHERE id = %s", (coupon,)).fetchone()
    return None if row is None else row[0]


def set_redemption(conn: Connection, coupon: int, name: str | None) -> None:
    """Keep the name under which a coupon was used."""
    conn.execute("UPDATE coupon SET redeemed_as = %s WHERE id = %s", (name, coupon))


def is_overdue(conn: Connection, coupon: int) -> bool:
    """Whether a coupon's time is over by the database's clock."""
    row = conn.execute("SELECT expires_at <= clock_timestamp() FROM coupon WHERE id = %s", (coupon,)).fetchone()
    return bool(row and row[0])


def pool_coupons(conn: Connection, pool_id: int, after: int, limit: int) -> list[Coupon]:
    """A page of a pool's coupons by id."""
    rows = conn.execute(f"{SHOWN} WHERE c.pool = %s AND c.id > %s ORDER BY c.id LIMIT %s", (pool_id, after, limit))
    return [Coupon(*row) for row in rows]


def lock_newest_available(conn: Connection, pool_id: int, limit: int) -> list[int]:
    """The newest coupons that are still to be given, locked."""
    rows = conn.execute(
        "SELECT id FROM coupon WHERE pool = %s AND state = 'available' ORDER BY id DESC LIMIT %s FOR UPDATE",
        (pool_id, limit),
    )
    return [row[0] for row in rows]


def lock_overdue(conn: Connection, limit: int) -> list[int]:
    """Issued coupons whose time is over, locked; those that somebody works at are left for later."""
    rows = conn.execute(
        "SELECT id FROM coupon WHERE state = 'issued' AND expires_at <= clock_timestamp()"
        " ORDER BY expires_at LIMIT %s FOR UPDATE SKIP LOCKED",
        (limit,),
    )
    return [row[0] for row in rows]
