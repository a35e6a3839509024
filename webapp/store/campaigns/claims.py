"""Claims: coupons that rules grant, filed together with the award and filled from their pools later."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from webapp.store.system.arrays import columns
from webapp.store.system.connection import Connection

Outcome = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Claim:
    """A coupon that a rule grants: queued at first, then granted with a code, or exhausted."""

    id: str
    rule: str
    pool: str
    entry: int
    status: str
    code: str | None
    created_at: datetime


def file_claims(conn: Connection, rows: Sequence[tuple[str, str, int, str, int]]) -> None:
    """File (id, pool, player, rule, entry); a claim that is already filed is left as it is."""
    if rows:
        conn.execute(
            "INSERT INTO claim (id, pool, player, rule, entry)"
            " SELECT * FROM unnest(%s::text[], %s::text[], %s::bigint[], %s::text[], %s::bigint[])"
            " ON CONFLICT (id) DO NOTHING",
            tuple(columns(rows)),
        )


def pools_with_claims(conn: Connection) -> list[str]:
    """The keys of pools on which claims wait."""
    rows = conn.execute("SELECT DISTINCT pool FROM claim WHERE status = 'queued' ORDER BY pool")
    return [row[0] for row in rows]


def queued_claims(conn: Connection, pool: str, limit: int) -> list[tuple[str, int]]:
    """The oldest waiting claims on a pool, locked: (id, player)."""
    rows = conn.execute(
        "SELECT id, player FROM claim WHERE pool = %s AND status = 'queued' ORDER BY created_at, id LIMIT %s"
        " FOR UPDATE",
        (pool, limit),
    )
    return [(row[0], row[1]) for row in rows]


def close_claims(conn: Connection, rows: Sequence[tuple[str, str, int | None]]) -> None:
    """Close queued claims: (id, `granted` or `exhausted`, coupon)."""
    if rows:
        conn.execute(
            "UPDATE claim SET status = t.status, coupon = t.coupon, decided_at = clock_timestamp()"
            " FROM unnest(%s::text[], %s::text[], %s::bigint[]) AS t (id, status, coupon)"
            " WHERE claim.id = t.id AND claim.status = 'queued'",
            tuple(columns(rows)),
        )


SHOWN = """
SELECT k.id, k.rule, k.pool, k.entry, k.status, c.code, k.created_at
FROM claim k LEFT JOIN coupon c ON c.id = k.coupon
"""


def claims_of_entries(conn: Connection, seqs: Sequence[int]) -> dict[int, list[Claim]]:
    """The claims that these entries made, by entry."""
    by_entry: dict[int, list[Claim]] = {}
    if not seqs:
        return by_entry
    for row in conn.execute(f"{SHOWN} WHERE k.entry = ANY(%s) ORDER BY k.id", (list(seqs),)):
        by_entry.setdefault(row[3], []).append(Claim(*row))
    return by_entry


def with_claims(conn: Connection, outcomes: Mapping[int, Outcome]) -> dict[int, Outcome]:
    """The outcomes by entry, each claim with its status and, once granted, its code."""
    seqs = [seq for seq, outcome in outcomes.items() if outcome.get("claims")]
    claims_by_entry = claims_of_entries(conn, seqs)
    completed = {
        seq: outcomes[seq]
        | {
            "claims": [
                {"rule": claim.rule, "coupon_pool": claim.pool, "status": claim.status, "code": claim.code}
                for claim in claims_by_entry.get(seq, [])
            ]
        }
        for seq in seqs
    }
    return {**outcomes, **completed}


def player_claims(conn: Connection, player: int, limit: int) -> list[Claim]:
    """A player's newest claims, newest first."""
    rows = conn.execute(f"{SHOWN} WHERE k.player = %s ORDER BY k.created_at DESC LIMIT %s", (player, limit))
    return [Claim(*row) for row in rows]
