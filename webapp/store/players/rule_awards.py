"""What one rule has given one player, entry by entry: badges, completed missions, and lines of the ledger."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from webapp.store.system.connection import Connection

RULE_AWARDS = """
WITH award AS (
  SELECT shard, n, rule_version, period, revoked_n FROM badge_award WHERE player = %(player)s AND badge = %(rule)s
  UNION ALL
  SELECT shard, n, rule_version, period, NULL FROM mission_completion
  WHERE player = %(player)s AND mission = %(rule)s
  UNION ALL
  SELECT shard, n, rule_version, '', NULL FROM ledger
  WHERE player = %(player)s AND rule = %(rule)s AND rule_version IS NOT NULL
), newest AS (
  SELECT shard, n, max(rule_version) AS version, max(period) AS period, max(revoked_n) AS revoked_n
  FROM award GROUP BY shard, n ORDER BY n DESC LIMIT %(limit)s
)
SELECT w.n, a.seq, a.received_on::text, a.rulebook, e.type, e.event_id, e.occurred_at, e.payload, w.version, w.period,
  sums.xp, sums.coins, r.occurred_at, r.payload, a.outcome
FROM newest w JOIN applied a ON a.shard = w.shard AND a.n = w.n
JOIN entry e ON e.received_on = a.received_on AND e.seq = a.seq
LEFT JOIN applied ra ON ra.shard = w.shard AND ra.n = w.revoked_n
LEFT JOIN entry r ON r.received_on = ra.received_on AND r.seq = ra.seq
CROSS JOIN LATERAL (
  SELECT coalesce(sum(amount) FILTER (WHERE currency = 'xp'), 0)::bigint AS xp,
    coalesce(sum(amount) FILTER (WHERE currency = 'coins'), 0)::bigint AS coins
  FROM ledger l WHERE l.shard = w.shard AND l.n = w.n AND l.rule = %(rule)s
) sums
ORDER BY w.n DESC
"""


@dataclass(frozen=True, slots=True)
class RuleAward:
    """What a rule gave at one entry; `version` is None where somebody gave it by hand.

    `payload` and `outcome` are the entry's stored content and outcome. `revoked_at` and `revocation` (the content of
    that entry) say whether it was taken back since.
    """

    n: int
    seq: int
    received_on: str
    rulebook: int
    type: str
    event: str
    at: datetime
    payload: bytes
    version: int | None
    period: str
    xp: int
    coins: int
    revoked_at: datetime | None
    revocation: bytes | None
    outcome: bytes | None


def rule_awards(conn: Connection, player: int, rule: str, limit: int) -> list[RuleAward]:
    """The newest awards of a rule to a player, the newest first, those that were taken back included."""
    values: dict[str, Any] = {"player": player, "rule": rule, "limit": limit}
    return [RuleAward(*row) for row in conn.execute(RULE_AWARDS, values, binary=True)]
