"""Coupons. Their rows are the truth; the counters of their pools follow in the same transaction."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.coupons.issue import EXPIRED, ISSUED, may_become
from engine.vocabulary.fact import humanise
from webapp.store.system.arrays import columns, integers
from webapp.store.system.connection import Connection


def add_codes(
    conn: Connection,
    pool_id: int,
    codes: Sequence[str],
    *,
    good_until: Mapping[str, datetime] | None = None,
    generated: bool = False,
) -> int:
    """Add coupons with these codes and return how many were new; a code that any pool holds already is left out.

    `good_until` names the codes that are good only until a moment; `generated` says that the pool's document asked for
    them.
    """
    ends = good_until or {}
    rows = conn.execute(
        "WITH added AS (INSERT INTO coupon (pool, code, good_until)"
        " SELECT %s, t.code, t.good_until FROM unnest(%s::text[], %s::timestamptz[]) AS t (code, good_until)"
        " ORDER BY t.code ON CONFLICT (code) DO NOTHING RETURNING id)"
        " UPDATE coupon_pool SET initial = initial + c, available = available + c,"
        " generated = generated + CASE WHEN %s THEN c ELSE 0 END"
        " FROM (SELECT count(*) AS c FROM added) AS counted WHERE id = %s RETURNING c",
        (pool_id, list(codes), [ends.get(code) for code in codes], generated, pool_id),
    ).fetchone()
    return 0 if rows is None else int(rows[0])


def known_codes(conn: Connection, codes: Sequence[str]) -> set[str]:
    """Those of the codes that are coupons already, in any pool."""
    return {row[0] for row in conn.execute("SELECT code FROM coupon WHERE code = ANY(%s)", (list(codes),))}


def lock_available(conn: Connection, pool_id: int, count: int) -> list[tuple[int, str]]:
    """Lock up to `count` available coupons, the oldest first: (id, code)."""
    rows = conn.execute(
        "SELECT id, code FROM coupon WHERE pool = %s AND state = 'available' ORDER BY id LIMIT %s"
        " FOR UPDATE SKIP LOCKED",
        (pool_id, count),
    )
    return [(row[0], row[1]) for row in rows]


@dataclass(frozen=True, slots=True)
class Assignment:
    """A coupon that goes to a player, for a play or for a claim; moments in µs."""

    coupon: int
    pool: int
    player: int
    play: int | None = None
    claim: str | None = None
    expires_at: int | None = None


ASSIGN = """
UPDATE coupon SET state = %s, play = t.play, claim = t.claim, player = t.player,
  issued_at = CASE WHEN %s = 'issued' THEN clock_timestamp() END,
  reserved_until = clock_timestamp() + %s::int * interval '1 second',
  expires_at = least(good_until, 'epoch'::timestamptz + t.expires * interval '1 microsecond')
FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::bigint[], %s::bigint[]) AS t (id, play, claim, player, expires)
WHERE coupon.id = t.id AND coupon.state = 'available'
"""


def assign(conn: Connection, assignments: Sequence[Assignment], *, reserve_seconds: int | None = None) -> None:
    """Issue locked coupons, or reserve them for so many seconds while a provider is asked."""
    if not assignments:
        return
    state = "issued" if reserve_seconds is None else "reserved"
    rows = columns(
        [
            (assignment.coupon, assignment.play, assignment.claim, assignment.player, assignment.expires_at)
            for assignment in assignments
        ]
    )
    conn.execute(ASSIGN, (state, state, reserve_seconds, *rows))
    count_moves(conn, [(assignment.pool, "available", state) for assignment in assignments])


def count_moves(conn: Connection, steps: Iterable[tuple[int, str, str]]) -> None:
    """Move coupons (pool, from, to) in the pools' counters; pools are locked in the order of their ids."""
    counts = Counter(steps)
    for (pool_id, before, after), count in sorted(counts.items()):
        assert may_become(before, after), f"a coupon that is {before} cannot become {after}"
        conn.execute(
            f"UPDATE coupon_pool SET {before} = {before} - %s, {after} = {after} + %s WHERE id = %s",
            (count, count, pool_id),
        )


def change_state(conn: Connection, ids: Sequence[int], before: str, after: str) -> dict[int, int]:
    """Move coupons from one state to another where they are still in it; returns how many of each pool."""
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
    return dict(Counter(row[0] for row in rows))


@dataclass(frozen=True, slots=True)
class Coupon:
    """One coupon as an operator or an app sees it, with the number of the play that won it; names may be missing.

    It comes from the brand of a game, or from a pool of its own, which has a key.
    """

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
    play: int | None
    game_name: str | None
    brand_name: str | None
    pool_name: str | None

    @property
    def prize(self) -> str:
        """What it is a coupon of: the name of its brand or pool, or the brand's key as words where it has no name."""
        return self.brand_name or self.pool_name or humanise(self.brand or "coupon").capitalize()

    def state_at(self, now: datetime) -> str:
        """Its state; the beat marks a coupon as expired only some time after it has."""
        is_overdue = self.state == ISSUED and self.expires_at is not None and self.expires_at <= now
        return EXPIRED if is_overdue else self.state


SHOWN = """
SELECT c.id, c.pool, c.code, c.state, p.game, p.brand, p.key, l.id, c.issued_at, c.expires_at, c.ended_at,
  c.play, g.document->>'name', coalesce(p.document->>'brand_name', brand.name), pool_rule.name
FROM coupon c JOIN coupon_pool p ON p.id = c.pool LEFT JOIN player l ON l.number = c.player
LEFT JOIN game g ON g.key = p.game LEFT JOIN rule pool_rule ON pool_rule.key = p.key
LEFT JOIN rule brand ON brand.key = p.brand AND brand.kind = 'brand'
"""


def by_code(conn: Connection, code: str, *, lock: bool = False) -> Coupon | None:
    """One coupon by its code."""
    row = conn.execute(f"{SHOWN} WHERE c.code = %s{' FOR UPDATE OF c' if lock else ''}", (code,)).fetchone()
    return None if row is None else Coupon(*row)


def by_number(conn: Connection, number: int) -> Coupon | None:
    """One coupon by its number."""
    row = conn.execute(f"{SHOWN} WHERE c.id = %s", (number,)).fetchone()
    return None if row is None else Coupon(*row)


def player_coupons(conn: Connection, player: int, limit: int, before: int | None = None) -> list[Coupon]:
    """A page of the coupons issued to a player, newest first: those whose numbers are below `before`."""
    rows = conn.execute(
        f"{SHOWN} WHERE c.player = %s AND c.issued_at IS NOT NULL AND (%s::bigint IS NULL OR c.id < %s)"
        " ORDER BY c.id DESC LIMIT %s",
        (player, before, before, limit),
    )
    return [Coupon(*row) for row in rows]


def coupons_won_in_game(conn: Connection, player_id: str, game: str, shown_until: int, limit: int) -> list[Coupon]:
    """The coupons that a player won in a game by plays received until a moment (µs), newest first."""
    rows = conn.execute(
        f"{SHOWN} JOIN play y ON y.number = c.play WHERE l.id = %s AND p.game = %s AND c.issued_at IS NOT NULL"
        " AND y.received_at <= 'epoch'::timestamptz + %s * interval '1 microsecond' ORDER BY c.id DESC LIMIT %s",
        (player_id, game, shown_until, limit),
    )
    return [Coupon(*row) for row in rows]


def player_wins(conn: Connection, player: int, before: int | None, limit: int) -> list[Coupon]:
    """The coupons that a player won in games, the newest play first, of plays numbered below `before`."""
    rows = conn.execute(
        f"{SHOWN} WHERE c.player = %s AND c.play IS NOT NULL AND c.issued_at IS NOT NULL"
        " AND (%s::bigint IS NULL OR c.play < %s) ORDER BY c.play DESC LIMIT %s",
        (player, before, before, limit),
    )
    return [Coupon(*row) for row in rows]


def issue_reserved(conn: Connection, coupon: int, pool_id: int, code: str, expires_at: int | None) -> None:
    """Issue a reserved coupon under the code that its provider gave; `expires_at` in µs.

    Raises `psycopg.errors.UniqueViolation` where another coupon has that code.
    """
    conn.execute(
        "UPDATE coupon SET state = 'issued', code = %s, issued_at = clock_timestamp(), reserved_until = NULL,"
        " expires_at = least(good_until, 'epoch'::timestamptz + %s * interval '1 microsecond')"
        " WHERE id = %s AND state = 'reserved'",
        (code, expires_at, coupon),
    )
    count_moves(conn, [(pool_id, "reserved", "issued")])


def redemption_name(conn: Connection, coupon: int) -> str | None:
    """The name under which a coupon was redeemed."""
    row = conn.execute("SELECT redeemed_as FROM coupon WHERE id = %s", (coupon,)).fetchone()
    return None if row is None else row[0]


def set_redemption(conn: Connection, coupon: int, name: str | None) -> None:
    """Record the name under which a coupon was redeemed."""
    conn.execute("UPDATE coupon SET redeemed_as = %s WHERE id = %s", (name, coupon))


def is_overdue(conn: Connection, coupon: int) -> bool:
    """Whether a coupon has expired by the database's clock."""
    row = conn.execute("SELECT expires_at <= clock_timestamp() FROM coupon WHERE id = %s", (coupon,)).fetchone()
    return bool(row and row[0])


def pool_coupons(conn: Connection, pool_id: int, after: int, limit: int) -> list[Coupon]:
    """A page of a pool's coupons by id."""
    rows = conn.execute(f"{SHOWN} WHERE c.pool = %s AND c.id > %s ORDER BY c.id LIMIT %s", (pool_id, after, limit))
    return [Coupon(*row) for row in rows]


def lock_newest_available(conn: Connection, pool_id: int, limit: int) -> list[int]:
    """Lock the newest available coupons of a pool; returns their ids."""
    rows = conn.execute(
        "SELECT id FROM coupon WHERE pool = %s AND state = 'available' ORDER BY id DESC LIMIT %s FOR UPDATE",
        (pool_id, limit),
    )
    return [row[0] for row in rows]


def pools_with_lapsing_coupons(conn: Connection, seconds: int) -> list[int]:
    """The pools with available coupons that are good for no more than these seconds."""
    rows = conn.execute(
        "SELECT DISTINCT pool FROM coupon WHERE state = 'available'"
        " AND good_until <= clock_timestamp() + %s * interval '1 second' ORDER BY pool",
        (seconds,),
    )
    return [row[0] for row in rows]


def lock_lapsing(conn: Connection, pool_id: int, seconds: int, limit: int) -> list[int]:
    """Lock a pool's available coupons that are good for no more than these seconds; returns their ids."""
    rows = conn.execute(
        "SELECT id FROM coupon WHERE pool = %s AND state = 'available'"
        " AND good_until <= clock_timestamp() + %s * interval '1 second' ORDER BY id LIMIT %s FOR UPDATE",
        (pool_id, seconds, limit),
    )
    return [row[0] for row in rows]


def lock_overdue(conn: Connection, limit: int) -> list[int]:
    """Lock issued coupons whose time is over, skipping those that are locked already; returns their ids."""
    rows = conn.execute(
        "SELECT id FROM coupon WHERE state = 'issued' AND expires_at <= clock_timestamp()"
        " ORDER BY expires_at LIMIT %s FOR UPDATE SKIP LOCKED",
        (limit,),
    )
    return [row[0] for row in rows]
