"""Synthetic traffic of a campaign: one settings row says how much is wanted, and what was sent so far."""

from collections.abc import Sequence
from typing import Any

from webapp.store.system import settings
from webapp.store.system.arrays import columns, integers
from webapp.store.system.connection import Connection

KEY = "traffic"
OPEN_GAMES = """
SELECT g.key FROM game g JOIN campaign c ON c.key = g.campaign
WHERE c.key = %s AND c.ended_at IS NULL AND c.paused_at IS NULL
  AND g.starts_at <= clock_timestamp() AND clock_timestamp() < g.ends_at ORDER BY g.starts_at, g.key
"""
PLAYERS_AT = """
SELECT (SELECT id FROM player WHERE number >= place AND id IS NOT NULL ORDER BY number LIMIT 1)
FROM unnest(%s::bigint[]) AS place
"""
SEND = """
SELECT count(*) FILTER (WHERE verdict = 'accepted') FROM unnest(%s::text[], %s::text[], %s::text[], %s::smallint[])
  AS t (id, game, player, shard) CROSS JOIN LATERAL accept_play(%s, t.id, t.game, t.player, t.shard)
"""
TO_USE = """
SELECT c.id FROM coupon_pool p JOIN game g ON g.key = p.game
CROSS JOIN LATERAL (SELECT id FROM coupon WHERE coupon.pool = p.id AND issued_at IS NOT NULL AND state = 'issued'
  AND issued_at < clock_timestamp() - interval '1 minute' AND id %% %s = 0 ORDER BY issued_at LIMIT %s) AS c
WHERE g.campaign = %s ORDER BY c.id
"""


def traffic_row(conn: Connection, *, lock: bool = False) -> dict[str, Any]:
    """What is wanted and was sent; empty before the first start."""
    row = settings.read_locked(conn, KEY, skip_locked=True) if lock else settings.read(conn, KEY)
    return row or {}


def update_traffic(conn: Connection, changes: dict[str, Any]) -> None:
    """Change some of its members and leave the others."""
    settings.merge(conn, KEY, changes)


def open_games(conn: Connection, campaign: str) -> list[str]:
    """The games of a campaign that take plays now."""
    return [row[0] for row in conn.execute(OPEN_GAMES, (campaign,))]


def is_campaign_over(conn: Connection, campaign: str) -> bool:
    """Whether a campaign takes no more plays, ever; true for one that was never launched."""
    row = conn.execute(
        "SELECT EXISTS (SELECT FROM game g JOIN campaign c ON c.key = g.campaign"
        " WHERE c.key = %s AND c.ended_at IS NULL AND clock_timestamp() < g.ends_at)",
        (campaign,),
    ).fetchone()
    return not (row and row[0])


def newest_player(conn: Connection) -> int:
    """The highest number of a player; 0 where there is none."""
    row = conn.execute("SELECT coalesce(max(number), 0) FROM player").fetchone()
    return 0 if row is None else int(row[0])


def players_at(conn: Connection, numbers: Sequence[int]) -> list[str | None]:
    """For each number, the first player with at least that number."""
    return [row[0] for row in conn.execute(PLAYERS_AT, (integers(numbers),))]


def send_plays(conn: Connection, app_id: int, rows: Sequence[tuple[str, str, str, int]]) -> int:
    """Send plays (id, game, player, shard) as the API would accept them; returns how many were accepted."""
    row = conn.execute(SEND, (*columns(rows), app_id)).fetchone()
    return 0 if row is None else int(row[0])


def coupons_to_use(conn: Connection, campaign: str, one_in: int, limit: int) -> list[int]:
    """Issued coupons of a campaign that some winners take to the shop about now."""
    return [row[0] for row in conn.execute(TO_USE, (one_in, limit, campaign))]
