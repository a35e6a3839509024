"""Fills claims pool by pool, the oldest first: granted with a coupon, or exhausted."""

from collections.abc import Iterable

from engine.vocabulary.entry import Entry
from engine.vocabulary.outcome import Outcome
from webapp.config import Settings
from webapp.store.campaigns import claims, coupons, pools
from webapp.store.campaigns.coupons import Assignment
from webapp.store.system.connection import Connection, clock, connect

CLAIMS_AT_ONCE = 500


def file_claims(conn: Connection, outcomes: Iterable[tuple[Entry, Outcome]]) -> None:
    """File a batch's claims in its transaction; a claim's id follows from its entry and rule, so it is filed once."""
    claims.file_claims(
        conn,
        [
            (f"{entry.seq}:{claim.rule}:{index}", claim.pool, entry.player, claim.rule, entry.seq)
            for entry, outcome in outcomes
            for index, claim in enumerate(outcome.claims)
        ],
    )


def fill_all_claims(settings: Settings) -> int:
    """Fill what waits, each pool in a transaction of its own; returns how many claims were decided."""
    with connect(settings.database_url) as conn:
        waiting = claims.pools_with_claims(conn)
        conn.rollback()
        decided = 0
        for pool in waiting:
            decided += fill_claims(conn, pool)
            conn.commit()
    return decided


def fill_claims(conn: Connection, pool_key: str) -> int:
    """Fill the claims on a pool under its lock; an unknown pool is exhausted. The caller commits."""
    pool = pools.lock_shared_pool(conn, pool_key)
    waiting = claims.queued_claims(conn, pool_key, CLAIMS_AT_ONCE)
    granted = []
    if pool is not None and waiting:
        available = coupons.lock_available(conn, pool.id, len(waiting))
        expires_at = pool.coupon_expiry(clock(conn))
        granted = [
            Assignment(coupon, pool.id, player, claim=claim, expires_at=expires_at)
            for (claim, player), (coupon, _) in zip(waiting, available, strict=False)  # too few: the oldest get them
        ]
    coupons.assign(conn, granted)
    closed: list[tuple[str, str, int | None]] = [
        (str(assignment.claim), "granted", assignment.coupon) for assignment in granted
    ]
    closed += [(claim, "exhausted", None) for claim, _ in waiting[len(granted) :]]
    claims.close_claims(conn, closed)
    return len(waiting)
