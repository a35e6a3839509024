"""Figures of games for people and audits: their logs against what players were told, winners, rates, waits."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from webapp.store.system.connection import Connection


def newest_log_number(conn: Connection, game: str) -> int:
    """The newest number of a game's log."""
    row = conn.execute("SELECT n FROM game WHERE key = %s", (game,)).fetchone()
    return 0 if row is None else int(row[0])


def opening_rules(conn: Connection, game: str) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """The document and the campaign's limits under which a game was opened; None where they never changed."""
    row = conn.execute(
        "SELECT content->'game', content->'limits' FROM game_log"
        " WHERE game = %s AND kind = 'opened' ORDER BY n LIMIT 1",
        (game,),
    ).fetchone()
    return (None, None) if row is None else (row[0], row[1])


CONTRADICTIONS = """
SELECT CASE
  WHEN t.number IS NULL THEN 'play ' || p.number || ' is decided, but the log does not say how'
  WHEN p.number IS NULL THEN 'n ' || t.n || ' decides a play that does not exist'
  WHEN t.many > 1 THEN 'play ' || p.number || ' was decided ' || t.many || ' times'
  ELSE 'play ' || p.number || ' was told ' || p.status || ' (' || coalesce(p.reason, 'nothing') || '), the log says '
    || t.outcome || ' (' || t.reason || ')' END
FROM (SELECT play AS number, min(n) AS n, count(*) AS many, min(content->>'outcome') AS outcome,
    min(content->>'reason') AS reason, min((content->>'coupon')::bigint) AS coupon, min(content->>'brand') AS brand
  FROM game_log WHERE game = %(game)s AND kind = 'decided' AND n <= %(until)s GROUP BY play) t
FULL JOIN (SELECT * FROM play WHERE game = %(game)s AND status <> 'queued') p ON p.number = t.number
LEFT JOIN coupon c ON c.id = p.coupon LEFT JOIN coupon_pool o ON o.id = c.pool
WHERE (t.number IS NULL AND p.decided_at <= (SELECT max(at) FROM game_log WHERE game = %(game)s AND n = %(until)s))
  OR (t.number IS NOT NULL AND (t.many > 1 OR p.status IS DISTINCT FROM t.outcome
    OR p.reason IS DISTINCT FROM t.reason OR p.coupon IS DISTINCT FROM t.coupon OR o.brand IS DISTINCT FROM t.brand))
LIMIT 100
"""


def log_contradictions(conn: Connection, game: str, until: int) -> list[str]:
    """Where a game's log, up to a number, contradicts what players were told. There should be nothing."""
    return [row[0] for row in conn.execute(CONTRADICTIONS, {"game": game, "until": until})]


def winners_by_minute(conn: Connection, games: list[str], since: datetime) -> list[tuple[datetime, int]]:
    """How many won in each minute since a moment; minutes without a winner are left out."""
    rows = conn.execute(
        "SELECT date_trunc('minute', issued_at) AS minute, count(*)"
        " FROM coupon c JOIN coupon_pool p ON p.id = c.pool"
        " WHERE p.game = ANY(%s) AND issued_at >= %s AND play IS NOT NULL GROUP BY 1 ORDER BY 1",
        (games, since),
    )
    return [(row[0], row[1]) for row in rows]


@dataclass(frozen=True, slots=True)
class SecondOfPlays:
    """The plays of one second: how many won, how many are decided, and how many seconds those took in all."""

    at: datetime
    plays: int
    wins: int
    decided: int
    decided_seconds: float


def plays_by_second(conn: Connection, games: list[str], seconds: int) -> list[SecondOfPlays]:
    """The plays that were received in the last seconds; seconds without a play are left out."""
    rows = conn.execute(
        "SELECT date_trunc('second', received_at), count(*), count(*) FILTER (WHERE status = 'won'), count(decided_at),"
        " coalesce(sum(extract(epoch FROM decided_at - received_at)), 0)::float FROM play"
        " WHERE game = ANY(%s) AND received_at > clock_timestamp() - make_interval(secs => %s) GROUP BY 1 ORDER BY 1",
        (games, seconds),
    )
    return [SecondOfPlays(*row) for row in rows]


def waiting_plays(conn: Connection, games: list[str]) -> tuple[int, float]:
    """(plays that wait in these games, seconds for which the oldest has waited)."""
    row = conn.execute(
        "SELECT count(*), coalesce(extract(epoch FROM clock_timestamp() - min(received_at)), 0)::float"
        " FROM play_inbox WHERE game = ANY(%s)",
        (games,),
    ).fetchone()
    return (0, 0.0) if row is None else (row[0], row[1])


def plays_by_slice(conn: Connection, game: str, slices: int = 240) -> list[int]:
    """How many plays a game had in each of so many equal slices of its time."""
    rows = conn.execute(
        "SELECT least(%(slices)s - 1, floor(extract(epoch FROM p.received_at - g.starts_at)"
        " / extract(epoch FROM g.ends_at - g.starts_at) * %(slices)s))::int AS slice, count(*)"
        " FROM play p JOIN game g ON g.key = p.game WHERE p.game = %(game)s GROUP BY 1",
        {"slices": slices, "game": game},
    ).fetchall()
    counts = dict(rows)
    return [counts.get(index, 0) for index in range(slices)]


DECIDED = """
SELECT l.game, l.content FROM app a JOIN play p ON p.app_id = a.id AND p.play_id = %(play_id)s
JOIN game g ON g.key = p.game AND g.campaign = %(campaign)s
JOIN game_log l ON l.game = p.game AND l.play = p.number AND l.kind = 'decided'
WHERE a.key = %(app)s ORDER BY l.n DESC LIMIT 1
"""


def decided_play(conn: Connection, campaign: str, name: str) -> tuple[str, dict[str, Any]] | None:
    """(game, content of the log) of a play by the name that draws know, `app:play_id`; None where none is decided.

    Reads the game's log: only what is asked for rarely may ask for it.
    """
    app, _, play_id = name.partition(":")
    row = conn.execute(DECIDED, {"app": app, "play_id": play_id, "campaign": campaign}).fetchone()
    return None if row is None else (row[0], row[1])


@dataclass(frozen=True, slots=True)
class RestockRecord:
    """Coupons that came into a budget at a moment, or with a negative `change` left it before anybody had them."""

    at: datetime
    change: int


RESTOCKS = """
SELECT l.game, brand, CASE kind WHEN 'opened' THEN least(at, g.starts_at) ELSE at END, change::bigint
FROM game_log l JOIN game g ON g.key = l.game CROSS JOIN LATERAL
  jsonb_each_text(CASE kind WHEN 'opened' THEN content->'left' ELSE content->'changes' END) AS t (brand, change)
WHERE l.game = ANY(%s) AND kind IN ('opened', 'restocked') ORDER BY l.game, l.n
"""
"""What a game opens with is paced from its start on, however late it is launched."""


def restocks_by_budget(conn: Connection, games: list[str]) -> dict[tuple[str, str], list[RestockRecord]]:
    """Every change of these games' stocks, by (game, brand), in order: their sum is what was ever there to be given."""
    by_budget: dict[tuple[str, str], list[RestockRecord]] = {}
    for game, brand, at, change in conn.execute(RESTOCKS, (games,)):
        by_budget.setdefault((game, brand), []).append(RestockRecord(at, change))
    return by_budget


@dataclass(frozen=True, slots=True)
class PlayTotals:
    """All plays of some games: how many, by how many players, and how many of them won."""

    plays: int
    players: int
    wins: int

    @property
    def win_rate(self) -> float:
        """The share of plays that won, in per cent."""
        return 100 * self.wins / max(1, self.plays)


def play_totals(conn: Connection, games: list[str]) -> PlayTotals:
    """What was played in these games in all; reads every play, so it is for games that are over."""
    row = conn.execute(
        "SELECT count(*), count(DISTINCT player), count(*) FILTER (WHERE status = 'won') FROM play"
        " WHERE game = ANY(%s)",
        (games,),
    ).fetchone()
    assert row is not None
    return PlayTotals(*row)
