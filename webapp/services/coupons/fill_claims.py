"""Claims are filled pool by pool, the oldest first: granted with a coupon, or exhausted."""

from collections.abc import Iterable

from engine.coupons.issue import expires_at
from engine.documents.typed_documents import moment
from engine.vocabulary.entry import Entry
from engine.vocabulary.outcome import Outcome
from webapp.config import Settings
from webapp.store.campaigns import claims, coupons, pools
from webapp.store.campaigns.coupons import Assignment
from webapp.store.system.connection import Connection, clock, connect

AT_ONCE = 500


def file_claims(conn: Connection, outcomes: Iterable[tuple[Entry, Outcome]]) -> None:
    """File the claims of a batch in its transaction; their ids come from entry and rule."""
    claims.file_claims(
        conn,
        [
            (f"{entry.seq}:{claim.rule}:{place}", claim.pool, entry.player, claim.rule, entry.seq)
            for entry, outcome in outcomes
            for place, claim in enumerate(outcome.claims)
        ],
    )


def fill_all_claims(settings: Settings) -> int:
    """Fill what waits, each pool in a transaction of its own; gives how many claims were decided."""
    with connect(settings.database_url) as conn:
        waiting = claims.pools_with_claims(conn)
        conn.rollback()
        decided = 0
        for pool in waiting:
            decided += fill_claims(conn, pool)
            conn.commit()
    return decided


def fill_claims(conn: Connection, key: str) -> int:
    """Fill the claims that wait for a pool under its lock; the caller commits. Of an unknown pool nothing is left."""
    pool = pools.lock_shared_pool(conn, key)
    waiting = claims.queued_claims(conn, key, AT_ONCE)
    taken = coupons.lock_available(conn, pool.id, len(waiting)) if pool and waiting else []
    granted = []
    if pool is not None:
        until = expires_at(
            clock(conn), moment(pool.document.get("expires_at")), pool.document.get("expires_after_days")
        )
        granted = [
            Assignment(coupon, pool.id, player, claim=claim, expires_at=until)
            for (claim, player), (coupon, _) in zip(waiting, taken, strict=False)
        ]
    coupons.assign(conn, granted)
    rows: list[tuple[str, str, int | None]] = [(str(each.claim), "granted", each.coupon) for each in granted]
    claims.close_claims(conn, rows + [(claim, "exhausted", None) for claim, _ in waiting[len(granted) :]])
    return len(waiting)
