"""Coupons that an event's rules granted: outcomes with what became of each claim so far."""

from collections.abc import Mapping
from typing import Any

from webapp.store.campaigns import claims
from webapp.store.system.connection import Connection

Outcome = dict[str, Any]


def with_claims(conn: Connection, outcomes: Mapping[int, Outcome]) -> dict[int, Outcome]:
    """The outcomes by entry, each claim with its status and, once granted, its code."""
    seqs = [seq for seq, outcome in outcomes.items() if outcome.get("claims")]
    claims_by_entry = claims.claims_of_entries(conn, seqs)
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
