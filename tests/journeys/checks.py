"""The laws as questions to a finished run; each gives what breaks it, so that nothing is the answer that is wanted."""

from collections.abc import Set as AbstractSet
from typing import Any

from webapp.config import Settings
from webapp.projections import epoch, leaderboards
from webapp.projections.redis import cache_redis
from webapp.services.history.verify import verify
from webapp.store.system.connection import connect

BOARD, RUN = "all_time_xp", "all"
ONE_EACH = "one_each"

RULES: list[dict[str, Any]] = [
    {"kind": "metric", "key": "answers", "name": "Answers", "events": ["answered"], "aggregate": "count"},
    {"kind": "metric", "key": "latest", "name": "Latest score", "events": ["answered"], "aggregate": "last",
     "property": "score"},
    {"kind": "metric", "key": "topics", "name": "Topics", "events": ["answered"], "aggregate": "distinct",
     "property": "topic"},
    {"kind": "streak", "key": "daily", "name": "Daily streak", "events": ["*"], "every": "day"},
    {"kind": "levels", "key": "levels", "name": "Levels",
     "thresholds": [{"name": "Rookie", "xp": 0}, {"name": "Trader", "xp": 20}]},
    {"kind": "earning", "key": ONE_EACH, "name": "One XP for each answer", "trigger": {"events": ["answered"]},
     "condition": None, "grant": {"xp": 1, "coins": 1}},
    {"kind": "earning", "key": "first_topic", "name": "XP for a new topic", "trigger": {"events": ["answered"]},
     "condition": {">=": [{"var": "event.properties.score"}, 20]}, "grant": {"xp": 5},
     "limits": {"once_per": ["event.properties.topic"]}},
    {"kind": "earning", "key": "capped", "name": "A little more", "trigger": {"events": ["answered"]},
     "condition": {">": [{"var": "event.properties.score"}, 50]}, "grant": {"xp": {"var": "event.properties.score"}},
     "limits": {"max_xp_per_day": 300}},
    {"kind": "badge", "key": "ten", "name": "Ten answers", "trigger": {"events": ["*"]},
     "condition": {">=": [{"var": "metric.answers.total"}, 10]}, "tier": "silver", "repeat": "once"},
    {"kind": "mission", "key": "five_today", "name": "Five today", "trigger": {"events": ["answered"]},
     "condition": None, "goal": {"target": 5}, "period": "day", "timezone": "player", "grant": {"xp": 3}},
    {"kind": "leaderboard", "key": BOARD, "name": "All time", "score": "xp", "window": "all_time", "timezone": "UTC",
     "segment_by": None, "limit": 1000, "finalise_after_hours": 12},
]  # fmt: skip


def rows(settings: Settings, question: str, *values: Any) -> list[Any]:
    """All rows that a query gives."""
    with connect(settings.database_url) as conn:
        return conn.execute(question, values).fetchall()


def lost(settings: Settings, acknowledged: AbstractSet[str]) -> set[str]:
    """L1: events that were answered 2xx and are neither applied nor parked."""
    stored_rows = rows(
        settings,
        "SELECT event_id FROM entry WHERE app_id = 1"
        " AND (EXISTS (SELECT FROM applied a WHERE a.seq = entry.seq)"
        " OR EXISTS (SELECT FROM parked p WHERE p.seq = entry.seq))",
    )
    return acknowledged - {row[0] for row in stored_rows}


def counted_wrongly(settings: Settings) -> list[str]:
    """L2: events whose one XP is not in the ledger exactly once, whatever the log says of their entries."""
    miscounted = rows(
        settings,
        "SELECT e.event_id, count(l.n) FROM entry e LEFT JOIN applied a USING (seq)"
        " LEFT JOIN ledger l ON l.shard = a.shard AND l.n = a.n AND l.rule = %s AND l.currency = 'xp'"
        " WHERE e.type = 'answered' AND e.event_id <> '' AND NOT EXISTS (SELECT FROM parked p WHERE p.seq = e.seq)"
        " GROUP BY 1 HAVING count(l.n) <> 1",
        ONE_EACH,
    )
    return [f"{event_id} counts {count} times" for event_id, count in miscounted]


def unbalanced(settings: Settings) -> list[Any]:
    """L4: players whose balances are not the sums of their ledger lines, as each line says and as it adds up."""
    return rows(
        settings,
        "SELECT player, currency, n FROM (SELECT player, currency, n, balance,"
        " sum(amount) OVER (PARTITION BY player, currency ORDER BY n, line) AS total FROM ledger) l"
        " WHERE balance <> total OR balance < 0",
    )


def awarded_twice(settings: Settings) -> list[Any]:
    """L5: badges that a player holds more than once in a period."""
    return rows(
        settings,
        "SELECT player, badge, period FROM badge_award WHERE revoked_n IS NULL GROUP BY 1, 2, 3 HAVING count(*) > 1",
    )


def untrue_to_the_log(settings: Settings) -> list[str]:
    """L6: what verify finds."""
    return [str(difference) for difference in verify(settings).differences]


def board_unlike_the_ledger(settings: Settings) -> list[Any]:
    """L7: players whose score on the leaderboard is not what the ledger says they earned."""
    cache = cache_redis(settings)
    name = epoch.current(cache)
    assert name is not None, "the projections are away"
    shown_scores = {
        row.player: int(row.score)
        for row in leaderboards.page(cache, leaderboards.set_key(name, BOARD, RUN), 0, 10_000)
    }
    earned = dict(
        rows(
            settings,
            "SELECT player, sum(amount)::int FROM ledger JOIN player ON number = player"
            " WHERE currency = 'xp' AND amount > 0 AND erased_at IS NULL GROUP BY 1",
        )
    )
    return sorted(shown_scores.items() ^ earned.items())


def broken_laws(settings: Settings, acknowledged: AbstractSet[str], *, with_board: bool = True) -> dict[str, Any]:
    """Every law that does not hold, with what breaks it."""
    breaches_by_law = {
        "L1 lost": sorted(lost(settings, acknowledged)),
        "L2 counted wrongly": counted_wrongly(settings),
        "L4 unbalanced": unbalanced(settings),
        "L5 awarded twice": awarded_twice(settings),
        "L6 untrue to the log": untrue_to_the_log(settings),
        "L7 board unlike the ledger": board_unlike_the_ledger(settings) if with_board else [],
    }
    return {law: breaches[:10] for law, breaches in breaches_by_law.items() if breaches}
