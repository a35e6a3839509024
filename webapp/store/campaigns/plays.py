"""Plays: accepted once, decided once, answered alike ever after."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Self

from webapp.store.system.arrays import columns, integers, json_text
from webapp.store.system.connection import Connection


@dataclass(frozen=True, slots=True)
class PlayReceipt:
    """What became of a request to play: `accepted`, `same`, `conflict`, `unknown` (game), or `closed` for a reason.

    Admission may refuse it first: `busy` or `too_often`, with `retry_seconds`. `notice` tells of late outcomes.
    """

    verdict: str
    number: int | None
    status: str | None
    reason: str | None
    retry_seconds: int = 0
    notice: str | None = None

    def with_notice(self, notice: str | None) -> Self:
        """The same receipt, with what to tell the player."""
        return replace(self, notice=notice)


def accept_plays(conn: Connection, game: str, rows: Sequence[tuple[int, str, str, int]]) -> list[PlayReceipt]:
    """Queue plays (app, play_id, player, shard) of one game in their order; the caller commits, then hints.

    New players are inserted first, in the order of their ids, so that concurrent requests do not block each other.
    """
    if not rows:
        return []
    apps, ids, players, shards = columns(rows)
    conn.execute(
        "INSERT INTO player (id, shard) SELECT id, shard FROM unnest(%s::text[], %s::smallint[]) AS t (id, shard)"
        " WHERE EXISTS (SELECT FROM game WHERE key = %s) AND NOT EXISTS (SELECT FROM player p WHERE p.id = t.id)"
        " GROUP BY id, shard ORDER BY id ON CONFLICT (id) DO NOTHING",
        (players, shards, game),
    )
    receipts = conn.execute(
        "SELECT verdict, number, status, reason FROM unnest(%s::int[], %s::text[], %s::text[], %s::smallint[])"
        " WITH ORDINALITY AS t (app, id, player, shard, place)"
        " CROSS JOIN LATERAL accept_play(t.app, t.id, %s, t.player, t.shard) ORDER BY place",
        (apps, ids, players, shards, game),
    )
    return [PlayReceipt(*row) for row in receipts]


@dataclass(frozen=True, slots=True)
class QueuedPlay:
    """A play that waits for its decision; its moment in µs, `name` as draws know it."""

    number: int
    name: str
    player: int
    received_at: int


def queued_plays(conn: Connection, game: str, limit: int) -> list[QueuedPlay]:
    """A game's waiting plays, in order; the caller holds the game's lock."""
    rows = conn.execute(
        "SELECT p.number, a.key || ':' || p.play_id, p.player, (extract(epoch FROM p.received_at) * 1000000)::bigint"
        " FROM (SELECT number FROM play_inbox WHERE game = %b::text ORDER BY number LIMIT %b::int) AS i"
        " JOIN play p USING (number) JOIN app a ON a.id = p.app_id ORDER BY p.number",
        (game, limit),
        binary=True,
    )
    return [QueuedPlay(*row) for row in rows]


def waiting_games(conn: Connection, *, older_than_seconds: float = 0) -> list[str]:
    """The games in which plays wait, for longer than so many seconds; the longest wait first."""
    rows = conn.execute(
        "SELECT key FROM game CROSS JOIN LATERAL"
        " (SELECT received_at FROM play_inbox WHERE play_inbox.game = key ORDER BY number LIMIT 1) AS first"
        " WHERE received_at <= clock_timestamp() - make_interval(secs => %s) ORDER BY received_at",
        (older_than_seconds,),
    )
    return [row[0] for row in rows]


def backlog_size(conn: Connection, game: str, bound: int) -> int:
    """How many plays of a game wait, counted up to a bound."""
    row = conn.execute(
        "SELECT count(*) FROM (SELECT FROM play_inbox WHERE game = %s LIMIT %s) AS bounded", (game, bound)
    ).fetchone()
    return 0 if row is None else int(row[0])


@dataclass(frozen=True, slots=True)
class GameBacklog:
    """A game's waiting plays, counted up to a bound, and what its document says about rates and late outcomes."""

    waiting: int
    oldest_seconds: float
    rates: dict[str, int | None] | None
    notice_text: str | None


BACKLOG = """
SELECT (SELECT count(*) FROM (SELECT FROM play_inbox WHERE game = %(game)s LIMIT %(bound)s) AS bounded),
  coalesce((SELECT extract(epoch FROM clock_timestamp() - received_at)::float FROM play_inbox WHERE game = %(game)s
    ORDER BY number LIMIT 1), 0), g.document->'rates', g.document->'answers'->>'queued'
FROM (SELECT %(game)s::text AS key) AS requested LEFT JOIN game g USING (key)
"""


def game_backlog(conn: Connection, game: str, bound: int) -> GameBacklog:
    """The backlog of a game; that of an unknown game is empty."""
    row = conn.execute(BACKLOG, {"game": game, "bound": bound}).fetchone()
    assert row is not None
    return GameBacklog(*row)


@dataclass(slots=True)
class PlayerTotals:
    """A player's plays and wins in one game; `days` holds [plays, wins] of the newest three days, by number."""

    plays: int = 0
    wins: int = 0
    days: dict[str, list[int]] = field(default_factory=dict)
    brands: dict[str, int] = field(default_factory=dict)


def player_totals(
    conn: Connection, players: Iterable[int], games: Sequence[str]
) -> dict[tuple[int, str], PlayerTotals]:
    """The totals of these players in these games, by (player, game)."""
    rows = conn.execute(
        "SELECT player, game, plays, wins, days, brands FROM player_game"
        " WHERE player = ANY(%s::bigint[]) AND game = ANY(%s::text[])",
        (integers(sorted(set(players))), list(games)),
    )
    return {(row[0], row[1]): PlayerTotals(*row[2:]) for row in rows}


def save_player_totals(conn: Connection, changed: Mapping[tuple[int, str], PlayerTotals]) -> None:
    """Save changed totals, by (player, game); the caller holds the game's lock."""
    if not changed:
        return
    rows = [
        (player, game, totals.plays, totals.wins, json_text(totals.days), json_text(totals.brands))
        for (player, game), totals in sorted(changed.items())
    ]
    conn.execute(
        "INSERT INTO player_game (player, game, plays, wins, days, brands)"
        " SELECT player, game, plays, wins, days::jsonb, brands::jsonb"
        " FROM unnest(%s::bigint[], %s::text[], %s::int[], %s::int[], %s::text[], %s::text[])"
        " AS t (player, game, plays, wins, days, brands) ON CONFLICT (player, game) DO UPDATE"
        " SET plays = excluded.plays, wins = excluded.wins, days = excluded.days, brands = excluded.brands",
        tuple(columns(rows)),
    )


def save_outcomes(conn: Connection, rows: Sequence[tuple[int, str, str, int | None]]) -> None:
    """Write outcomes (number, `won` or `lost`, reason, coupon) for good; a decided play keeps its own."""
    if rows:
        conn.execute(
            "UPDATE play SET status = t.status, reason = t.reason, coupon = t.coupon, decided_at = clock_timestamp()"
            " FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::bigint[]) AS t (number, status, reason, coupon)"
            " WHERE play.number = t.number AND play.status = 'queued'",
            tuple(columns(rows)),
        )


def player_of(conn: Connection, number: int) -> int:
    """The number of the player of a play."""
    row = conn.execute("SELECT player FROM play WHERE number = %s", (number,)).fetchone()
    assert row is not None, "a play is never deleted"
    return int(row[0])


def remove_from_inbox(conn: Connection, game: str, numbers: Sequence[int]) -> None:
    """Remove decided plays from their game's inbox."""
    conn.execute("DELETE FROM play_inbox WHERE game = %s AND number = ANY(%s::bigint[])", (game, integers(numbers)))


@dataclass(frozen=True, slots=True)
class PlayResult:
    """A play as its app may see it; moments in µs."""

    number: int
    play_id: str
    game: str
    player: str | None
    received_at: int
    status: str
    reason: str | None
    decided_at: int | None
    code: str | None
    brand: str | None
    expires_at: int | None


RESULT = """
SELECT p.app_id, p.number, p.play_id, p.game, l.id, (extract(epoch FROM p.received_at) * 1000000)::bigint, p.status,
  p.reason,
  (extract(epoch FROM p.decided_at) * 1000000)::bigint, c.code, o.brand,
  (extract(epoch FROM c.expires_at) * 1000000)::bigint
FROM play p LEFT JOIN player l ON l.number = p.player LEFT JOIN coupon c ON c.id = p.coupon
LEFT JOIN coupon_pool o ON o.id = c.pool
"""


def play_result(conn: Connection, app_id: int, play_id: str) -> PlayResult | None:
    """A play of an app and its outcome; None for an unknown play."""
    return play_results(conn, [(app_id, play_id)])[0]


def play_results(conn: Connection, requested: Sequence[tuple[int, str]]) -> list[PlayResult | None]:
    """Each of these plays (app, play_id), at least one, with its outcome; None for an unknown play."""
    rows = conn.execute(
        f"{RESULT} JOIN (SELECT DISTINCT * FROM unnest(%s::int[], %s::text[])) AS requested (app_id, play_id)"
        " USING (app_id, play_id)",
        tuple(columns(requested)),
    )
    results = {(row[0], row[2]): PlayResult(*row[1:]) for row in rows}
    return [results.get(key) for key in requested]


def draw_name(conn: Connection, app_id: int, play_id: str) -> str:
    """The name under which draws and live signals know a play."""
    row = conn.execute("SELECT key || ':' || %s FROM app WHERE id = %s", (play_id, app_id)).fetchone()
    return "" if row is None else str(row[0])


def latest_winners(
    conn: Connection, games: Sequence[str], limit: int
) -> list[tuple[datetime, str | None, str, str | None]]:
    """The latest winners of these games: when the coupon was issued, player, game, brand."""
    rows = conn.execute(
        "SELECT c.issued_at, l.id, o.game, o.brand FROM coupon_pool o CROSS JOIN LATERAL"
        " (SELECT issued_at, player FROM coupon WHERE pool = o.id AND issued_at IS NOT NULL AND play IS NOT NULL"
        " ORDER BY issued_at DESC LIMIT %s) c LEFT JOIN player l ON l.number = c.player"
        " WHERE o.game = ANY(%s) ORDER BY c.issued_at DESC LIMIT %s",
        (limit, list(games), limit),
    )
    return [(row[0], row[1], row[2], row[3]) for row in rows]
