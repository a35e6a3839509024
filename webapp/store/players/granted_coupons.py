"""Coupons that an event's rules granted: outcomes tell what became of each claim by now."""

from collections.abc import Mapping
from typing import Any

from webapp.store.campaigns import claims
from webapp.store.system.connection import Connection

Outcome = dict[str, Any]


def with_claims(conn: Connection, outcomes: Mapping[int, Outcome]) -> dict[int, Outcome]:
    """The outcomes by entry, each claim with its status and, once granted, its code."""
    asking = [seq for seq, outcome in outcomes.items() if outcome.get("claims")]
    found = claims.claims_of_entries(conn, asking)
    told = {
        seq: outcomes[seq]
        | {
            "claims": [
                {"rule": each.rule, "coupon_pool": each.pool, "status": each.status, "code": each.code}
                for each in found.get(seq, [])
            ]
        }
        for seq in asking
    }
    return {**outcomes, **told}
