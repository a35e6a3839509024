"""Players as they are read: state with what is stored beside it, badges, ledger, timeline."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.scoring.metrics import day_set
from engine.scoring.rulebook.rulebook import Rulebook
from engine.scoring.state.calendar import local_time, month_days, week_days
from engine.scoring.state.memory import Memory, Player
from engine.scoring.state.player_state import decode
from engine.vocabulary.entry import Entry
from webapp.store.events.applied_entries import FIELDS, entry_of
from webapp.store.system.connection import Connection

LONGEST_WINDOW_DAYS = 91


@dataclass(frozen=True, slots=True)
class PlayerRecord:
    """A player as the store has it."""

    number: int
    id: str
    created_at: datetime
    flag: str | None
    player: Player


def find_player(conn: Connection, player_id: str, book: Rulebook, now: int) -> PlayerRecord | None:
    """One player with all that windows of this moment look at; None for an unknown or erased one."""
    row = conn.execute("SELECT number, id, created_at, flag, state FROM player WHERE id = %s", (player_id,)).fetchone()
    if row is None:
        return None
    player = Player(row[0], decode(row[4]), Memory())
    _load_memory(conn, player, book, now)
    return PlayerRecord(row[0], row[1], row[2], row[3], player)


def _load_memory(conn: Connection, player: Player, book: Rulebook, now: int) -> None:
    """Load older counters and the members of distinct sets that the windows around a day look at."""
    day = local_time(now, book.zone(player.state.get("tz"))).day
    first, last = min(week_days(day)[0], day - LONGEST_WINDOW_DAYS), max(month_days(day)[1], week_days(day)[1])
    older = conn.execute(
        "SELECT series, bucket, value FROM player_series WHERE player = %s AND bucket BETWEEN %s AND %s"
        " AND series LIKE 'm:%%'",
        (player.number, first, last),
    )
    for series, bucket, value in older:
        player.memory.past[series, bucket] = value
    distinct = [metric.key for metric in book.metrics.values() if metric.aggregate == "distinct"]
    if distinct:
        sets = [day_set(key, bucket) for key in distinct for bucket in range(first, last + 1)]
        members = conn.execute(
            "SELECT set, hash FROM player_set_member WHERE player = %s AND set = ANY(%s)", (player.number, sets)
        )
        player.memory.keys.update((name, bytes(value)) for name, value in members)


@dataclass(frozen=True, slots=True)
class HeldBadge:
    """A badge that a player holds, and the event that brought it; the name stays when its rule goes out of force."""

    badge: str
    name: str
    tier: str | None
    period: str
    at: datetime
    event: str
    rule_version: int | None


def badges(conn: Connection, number: int) -> list[HeldBadge]:
    """The badges that a player holds, the newest first."""
    rows = conn.execute(
        "SELECT b.badge, coalesce(r.name, b.badge), b.tier, b.period, b.at, coalesce(e.event_id, ''), b.rule_version"
        " FROM badge_award b LEFT JOIN rule r ON r.key = b.badge"
        " LEFT JOIN entry e ON e.seq = b.seq AND e.player = b.player"
        " WHERE b.player = %s AND b.revoked_n IS NULL ORDER BY b.at DESC, b.badge",
        (number,),
    )
    return [HeldBadge(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class BadgeGrant:
    """A badge that a player holds, for a period where it has one, and the XP and coins that came with it."""

    period: str
    grant: dict[str, int]


def badge_grants(conn: Connection, number: int, badge: str) -> list[BadgeGrant]:
    """Every award of a badge that a player holds, the newest first, with what the ledger says that it gave."""
    rows = conn.execute(
        "SELECT b.period, coalesce(sum(l.amount) FILTER (WHERE l.currency = 'xp'), 0)::bigint,"
        " coalesce(sum(l.amount) FILTER (WHERE l.currency = 'coins'), 0)::bigint FROM badge_award b"
        " LEFT JOIN ledger l ON l.shard = b.shard AND l.n = b.n AND l.player = b.player AND l.rule = b.badge"
        " AND l.amount > 0"
        " WHERE b.player = %s AND b.badge = %s AND b.revoked_n IS NULL GROUP BY b.period, b.n ORDER BY b.n DESC",
        (number, badge),
    )
    return [
        BadgeGrant(period, {name: amount for name, amount in (("xp", xp), ("coins", coins)) if amount})
        for period, xp, coins in rows
    ]


def rarities(conn: Connection) -> dict[str, float]:
    """By badge, the share of all players who hold it, from 0 to 1. Whoever was erased counts neither way."""
    rows = conn.execute(
        "SELECT badge, count(DISTINCT player)::float8"
        " / greatest(1, (SELECT count(*) FROM player WHERE erased_at IS NULL))"
        " FROM badge_award JOIN player ON player.number = badge_award.player"
        " WHERE revoked_n IS NULL AND erased_at IS NULL GROUP BY badge"
    )
    return {row[0]: row[1] for row in rows}


def coins_of(conn: Connection, player_id: str | None) -> int:
    """The coins that a player has, by the newest line of the ledger."""
    row = conn.execute(
        "SELECT l.balance FROM ledger l JOIN player p ON p.number = l.player"
        " WHERE p.id = %s AND l.currency = 'coins' ORDER BY l.n DESC, l.line DESC LIMIT 1",
        (player_id,),
    ).fetchone()
    return 0 if row is None else int(row[0])


OWN_CONTENT = "CASE WHEN e.type LIKE 'laurel.%%' THEN convert_from(e.payload, 'UTF8')::jsonb ELSE '{}' END"
"""What an entry of Laurel's own says; of events nothing, for they may say much."""


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One movement of a player's balance, with number, type, content and stored outcome of its entry."""

    n: int
    line: int
    currency: str
    amount: int
    balance: int
    rule: str
    rule_version: int | None
    reason: str | None
    at: datetime
    event: str
    seq: int
    outcome: Any
    type: str
    content: Any


def ledger(conn: Connection, number: int, before: tuple[int, int] | None, limit: int) -> list[LedgerLine]:
    """A page of a player's ledger, the newest application first, from below (n, line) on."""
    n, line = before or (2**62, 0)
    rows = conn.execute(
        "SELECT l.n, l.line, l.currency, l.amount, l.balance, l.rule, l.rule_version, l.reason, l.at,"
        " coalesce(e.event_id, ''), a.seq, convert_from(a.outcome, 'UTF8')::jsonb,"
        f" coalesce(e.type, ''), {OWN_CONTENT}"
        " FROM ledger l JOIN applied a ON a.shard = l.shard AND a.n = l.n"
        " LEFT JOIN entry e ON e.received_on = a.received_on AND e.seq = a.seq"
        " WHERE l.player = %s AND (l.n, -l.line) < (%s, -%s) ORDER BY l.n DESC, l.line LIMIT %s",
        (number, n, line, limit),
    )
    return [LedgerLine(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One applied entry of a player's timeline, with its content, if Laurel wrote it, and its outcome."""

    seq: int
    type: str
    event: str
    at: datetime
    outcome: Any
    received_at: datetime
    content: Any


def timeline(conn: Connection, number: int, before: int | None, limit: int) -> list[TimelineEntry]:
    """A page of what was applied to a player and came to something, the newest entry first."""
    rows = conn.execute(
        "SELECT e.seq, e.type, e.event_id, e.occurred_at, convert_from(a.outcome, 'UTF8')::jsonb, e.received_at,"
        f" {OWN_CONTENT} FROM entry e JOIN applied a ON a.seq = e.seq"
        " WHERE e.player = %s AND (%s::bigint IS NULL OR e.seq < %s)"
        " AND a.outcome IS NOT NULL ORDER BY e.seq DESC LIMIT %s",
        (number, before, before, limit),
    )
    return [TimelineEntry(*row) for row in rows]


def search_players(conn: Connection, prefix: str, after: str | None, limit: int) -> list[tuple[str, datetime, int]]:
    """Players whose ids begin with a prefix, by id, from behind `after` on: id, created, version."""
    like = prefix.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    rows = conn.execute(
        "SELECT id, created_at, version FROM player WHERE id LIKE %s"
        ' AND (%s::text IS NULL OR id > %s COLLATE "C")'
        ' ORDER BY id COLLATE "C" LIMIT %s',
        (like, after, after, limit),
    )
    return [(row[0], row[1], row[2]) for row in rows]


def newest_event(conn: Connection, number: int, types: list[str]) -> Entry | None:
    """The newest event of a player that a rule listens to."""
    row = conn.execute(
        f"SELECT {FIELDS} FROM entry e JOIN app a ON a.id = e.app_id WHERE e.player = %s"
        " AND e.type NOT LIKE 'laurel.%%'"
        " AND ('*' = ANY(%s) OR e.type = ANY(%s)) ORDER BY e.seq DESC LIMIT 1",
        (number, types, types),
        binary=True,
    ).fetchone()
    return None if row is None else entry_of(row, 0)
