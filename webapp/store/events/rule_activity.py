"""How busy rules and boards were: counts by the hour and by the minute, bounded in time so that no page waits long."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

from webapp.store.system.connection import Connection

HOURS, MINUTES = 24, 60
HOURS_KEPT = 48
PATIENCE = "1500ms"
THIS_HOUR = "floor(extract(epoch FROM clock_timestamp()) / 3600)::int"
COUNT = f"""
INSERT INTO rule_activity (hour, shard, rule, matches)
SELECT {THIS_HOUR}, %s, * FROM unnest(%s::text[], %s::int[])
ON CONFLICT (hour, shard, rule) DO UPDATE SET matches = rule_activity.matches + excluded.matches
"""
BY_RULE = f"""
SELECT rule, {THIS_HOUR} - hour, sum(matches)::int FROM rule_activity WHERE hour > {THIS_HOUR} - %s GROUP BY 1, 2
"""
BY_CAMPAIGN = """
SELECT g.campaign, floor(extract(epoch FROM clock_timestamp() - c.issued_at) / 3600)::int AS back, count(*)
FROM game g JOIN coupon_pool p ON p.game = g.key JOIN coupon c ON c.pool = p.id AND c.play IS NOT NULL
WHERE c.issued_at > clock_timestamp() - interval '24 hours' GROUP BY 1, 2
"""
"""What campaigns give are coupons."""


def count(conn: Connection, shard: int, matches: Mapping[str, int]) -> None:
    """Add to how often rules matched in the hour that it is.

    The shard only keeps writers apart: each counts under one of its own. The order keeps two that meet from a deadlock.
    """
    if matches:
        rules = sorted(matches)
        conn.execute(COUNT, (shard, rules, [matches[rule] for rule in rules]))


def matches_by_rule(conn: Connection) -> dict[str, list[int]]:
    """How often each rule matched in this hour and the 23 before, the oldest first; rules that did not are left out."""
    counts: dict[str, list[int]] = {}
    for rule, back, count in [*conn.execute(BY_RULE, (HOURS,)), *_within_patience(conn, BY_CAMPAIGN)]:
        if 0 <= back < HOURS:
            counts.setdefault(rule, [0] * HOURS)[HOURS - 1 - back] = count
    return counts


REFUSALS = """
SELECT no->>'reason', coalesce(no->>'fact', ''), count(*) FROM applied a
CROSS JOIN LATERAL jsonb_array_elements(convert_from(a.outcome, 'UTF8')::jsonb->'not_awarded') no
WHERE a.applied_at > clock_timestamp() - interval '24 hours' AND position(%(mark)b::bytea IN a.outcome) > 0
  AND no->>'rule' = %(rule)s
GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2
"""


@dataclass(frozen=True, slots=True)
class RefusalCount:
    """How often a rule granted nothing, or less, for one reason; `fact` is the path of the one that was missing."""

    reason: str
    fact: str
    count: int


def refusals_of_rule(conn: Connection, rule: str) -> list[RefusalCount]:
    """Why a rule granted nothing in the last 24 hours although its condition held, the commonest reason first.

    None are returned where counting them would take too long.
    """
    values = {"rule": rule, "mark": f'"rule":"{rule}"'.encode()}
    return [RefusalCount(*row) for row in _within_patience(conn, REFUSALS, values)]


def forget_hours(conn: Connection) -> int:
    """Delete counts that no list shows any more; returns how many rows."""
    return conn.execute(f"DELETE FROM rule_activity WHERE hour <= {THIS_HOUR} - %s", (HOURS_KEPT,)).rowcount


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One applied entry that gave something, for the feed."""

    seq: int
    received_on: str
    player: str | None
    type: str
    applied_at: datetime
    outcome: bytes


LATEST = """
SELECT a.seq, a.received_on::text, player.id, e.type, a.applied_at, a.outcome
FROM (SELECT * FROM applied WHERE gives ORDER BY applied_at DESC LIMIT %(limit)s) a
JOIN entry e ON e.received_on = a.received_on AND e.seq = a.seq JOIN player ON player.number = a.player
ORDER BY a.applied_at DESC, a.n DESC
"""


def latest_awards(conn: Connection, limit: int) -> list[FeedEntry]:
    """The newest entries that gave something, the latest first, however many others came since."""
    return [FeedEntry(*row) for row in conn.execute(LATEST, {"limit": limit})]


def outcome_of_event(conn: Connection, key: bytes) -> tuple[FeedEntry | None, bool]:
    """What the event with this dedup key came to, None while it is not applied; and whether it has arrived at all."""
    row = conn.execute("SELECT seq, received_on::text FROM event_key WHERE key = %s", (key,)).fetchone()
    if row is None:
        return None, False
    applied = conn.execute(
        "SELECT e.seq, e.received_on::text, player.id, e.type, a.applied_at, a.outcome FROM applied a"
        " JOIN entry e ON e.received_on = a.received_on AND e.seq = a.seq JOIN player ON player.number = a.player"
        " WHERE a.seq = %s",
        (row[0],),
    ).fetchone()
    return (FeedEntry(*applied) if applied else None), True


@dataclass(frozen=True, slots=True)
class LastHour:
    """The last hour by the minute, the oldest first; the last minute is the one that is running.

    `awards` are the entries that gave something. `events_before` are those of the same minutes a day before.
    """

    at: datetime
    events: list[int]
    events_before: list[int]
    awards: list[int]
    milliseconds: list[int]
    active_today: int

    @property
    def events_a_minute(self) -> int:
        """Of the newest whole minute."""
        return self.events[-2]

    @property
    def awards_a_minute(self) -> int:
        """Of the newest whole minute."""
        return self.awards[-2]


END = "(date_trunc('minute', now()) + interval '1 minute' - make_interval(days => %(days_ago)s))"
BY_MINUTE = f"""
SELECT ceil(extract(epoch FROM {END} - applied_at) / 60)::int - 1, count(*), count(*) FILTER (WHERE gives) FROM applied
WHERE applied_at >= {END} - interval '60 minutes' AND applied_at < {END} GROUP BY 1
"""
"""What the relay has not counted yet is not missed: this counts what is applied. By the time of the transaction, which
an index can be asked for."""


def last_hour(conn: Connection) -> LastHour:
    """Events and awards by the minute, how long they took lately, and who was active today."""
    events, awards = _by_minute(conn)
    before, _ = _by_minute(conn, days_ago=1)
    row = conn.execute("SELECT clock_timestamp()").fetchone()
    assert row is not None
    return LastHour(row[0], events, before, awards, [p95_milliseconds(conn)], active_today(conn))


def _by_minute(conn: Connection, days_ago: int = 0) -> tuple[list[int], list[int]]:
    events, awards = [0] * MINUTES, [0] * MINUTES
    for back, event_count, award_count in _within_patience(conn, BY_MINUTE, {"days_ago": days_ago}):
        if 0 <= back < MINUTES:
            events[MINUTES - 1 - back], awards[MINUTES - 1 - back] = event_count, award_count
    return events, awards


LATENCY = """
SELECT coalesce(percentile_disc(0.95) WITHIN GROUP (ORDER BY extract(epoch FROM a.applied_at - e.received_at)), 0)
FROM shard s CROSS JOIN LATERAL (SELECT * FROM applied WHERE shard = s.number ORDER BY n DESC LIMIT 8) a
JOIN entry e ON e.received_on = a.received_on AND e.seq = a.seq
WHERE a.applied_at > clock_timestamp() - interval '1 minute'
"""


def p95_milliseconds(conn: Connection) -> int:
    """How long the newest entries took from receipt to applied, but for the slowest twentieth."""
    row = conn.execute(LATENCY).fetchone()
    return round(float(row[0]) * 1000) if row else 0


ACTIVE = "SELECT count(DISTINCT player) FROM applied WHERE applied_at >= date_trunc('day', now())"


def active_today(conn: Connection) -> int:
    """How many players had an entry applied since midnight UTC."""
    rows = _within_patience(conn, ACTIVE)
    return int(rows[0][0]) if rows else 0


def lag_seconds(conn: Connection) -> float:
    """For how long the oldest entry that waits has been waiting; 0 where nothing waits."""
    row = conn.execute(
        "SELECT coalesce(extract(epoch FROM clock_timestamp() - min(received_at)), 0) FROM inbox"
    ).fetchone()
    return float(row[0]) if row else 0.0


def _within_patience(
    conn: Connection, statement: str, values: Mapping[str, Any] | None = None
) -> list[tuple[Any, ...]]:
    """The rows, or none where they would take too long."""
    try:
        with conn.transaction():
            conn.execute(f"SET LOCAL statement_timeout = '{PATIENCE}'")
            return conn.execute(statement, values).fetchall()
    except psycopg.errors.QueryCanceled:
        return []
