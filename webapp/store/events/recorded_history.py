"""What verify and rebuild read: history by n, and everything derived as it is stored."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from webapp.store.events.applied_entries import FIELDS
from webapp.store.players.player_states import PlayerRow
from webapp.store.system.arrays import integers
from webapp.store.system.connection import Connection

N, RULEBOOK, OUTCOME = 9, 10, 11  # the columns of a row of history behind FIELDS

BY_N = f"""
SELECT {FIELDS}, ap.n, ap.rulebook, ap.outcome
FROM (SELECT n, seq, received_on, rulebook, outcome FROM applied WHERE shard = %s AND n > %s AND n <= %s
  ORDER BY n LIMIT %s) ap
CROSS JOIN LATERAL (SELECT * FROM entry WHERE received_on = ap.received_on AND seq = ap.seq OFFSET 0) e
JOIN app a ON a.id = e.app_id ORDER BY ap.n
"""
OF_PLAYER = f"""
SELECT {FIELDS}, ap.n, ap.rulebook, ap.outcome
FROM entry e JOIN applied ap ON ap.seq = e.seq JOIN app a ON a.id = e.app_id
WHERE e.player = %s AND ap.n > %s AND ap.n <= %s ORDER BY ap.n LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class ShardSnapshot:
    """A shard at one moment: its n, its players, and what is stored beside their states."""

    n: int
    players: dict[int, PlayerRow]
    keys: list[tuple[int, str, bytes]]
    past: list[tuple[int, str, int, str]]


def begin_snapshot(conn: Connection) -> None:
    """Make everything that is read until the transaction ends belong to one moment."""
    conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")


def snapshot(conn: Connection, shard: int) -> ShardSnapshot:
    """Read a shard; the caller has begun a snapshot."""
    shard_row = conn.execute("SELECT n FROM shard WHERE number = %s", (shard,)).fetchone()
    assert shard_row is not None
    rows = conn.execute("SELECT number, id, state, version FROM player WHERE shard = %s", (shard,), binary=True)
    players = {row[0]: PlayerRow(*row) for row in rows}
    numbers = integers(players)
    keys = conn.execute(
        "SELECT player, set, hash FROM player_set_member WHERE player = ANY(%s::bigint[])", (numbers,), binary=True
    ).fetchall()
    past = conn.execute(
        "SELECT player, series, bucket, value::text FROM player_series WHERE player = ANY(%s::bigint[])",
        (numbers,),
        binary=True,
    ).fetchall()
    return ShardSnapshot(shard_row[0], players, keys, past)


def page_by_n(conn: Connection, shard: int, after: int, until: int, limit: int) -> list[Any]:
    """Rows of FIELDS, n, rulebook, outcome: what was applied in a shard after one n up to another."""
    return conn.execute(BY_N, (shard, after, until, limit), binary=True).fetchall()


def page_of_player(conn: Connection, player: int, after: int, until: int, limit: int) -> list[Any]:
    """The same rows of one player alone."""
    return conn.execute(OF_PLAYER, (player, after, until, limit), binary=True).fetchall()


MICROS = "(extract(epoch FROM at) * 1000000)::bigint"


def ledger_between(conn: Connection, shard: int, first: int, last: int) -> list[tuple[Any, ...]]:
    """Ledger lines of a shard from one n to another, as the drain writes them."""
    return conn.execute(
        f"SELECT n, line, player, currency, amount, balance, rule, rule_version, reason, {MICROS} FROM ledger"
        " WHERE shard = %s AND n BETWEEN %s AND %s ORDER BY n, line",
        (shard, first, last),
        binary=True,
    ).fetchall()


GIVEN_BY_RULES = """
SELECT n, rule FROM ledger
WHERE shard = %(shard)s AND n > %(after)s AND n <= %(until)s AND rule = ANY(%(rules)s) AND rule_version IS NOT NULL
UNION
SELECT given.n, given.rule FROM (
  SELECT ap.n, coalesce(award->>'key', award->>'rule') AS rule FROM applied ap
  CROSS JOIN LATERAL (SELECT convert_from(ap.outcome, 'UTF8')::jsonb AS content OFFSET 0) o
  CROSS JOIN LATERAL jsonb_array_elements(
    coalesce(o.content->'badges', '[]') || coalesce(o.content->'claims', '[]')) AS award
  WHERE ap.shard = %(shard)s AND ap.n > %(after)s AND ap.n <= %(until)s
    -- Few outcomes have either: the others are not parsed.
    AND (position('"badges":'::bytea IN ap.outcome) > 0 OR position('"claims":'::bytea IN ap.outcome) > 0)
) given WHERE given.rule = ANY(%(rules)s)
"""


def given_by_rules(conn: Connection, shard: int, page: tuple[int, int], rules: Sequence[str]) -> set[tuple[int, str]]:
    """(n, rule) where these rules gave anything, after the one n of `page` up to the other."""
    parameters = {"shard": shard, "after": page[0], "until": page[1], "rules": list(rules)}
    return {(row[0], row[1]) for row in conn.execute(GIVEN_BY_RULES, parameters)}


def badges_of(conn: Connection, numbers: Iterable[int]) -> list[tuple[Any, ...]]:
    """(player, badge, period, n, seq, tier, rule_version, at, revoked_n) of these players."""
    return conn.execute(
        f"SELECT player, badge, period, n, seq, tier, rule_version, {MICROS}, revoked_n FROM badge_award"
        " WHERE player = ANY(%s::bigint[]) ORDER BY player, n, badge, period",
        (integers(numbers),),
        binary=True,
    ).fetchall()


def completions_of(conn: Connection, numbers: Iterable[int]) -> list[tuple[Any, ...]]:
    """(player, mission, period, n, seq, rule_version, at) of these players."""
    return conn.execute(
        f"SELECT player, mission, period, n, seq, rule_version, {MICROS} FROM mission_completion"
        " WHERE player = ANY(%s::bigint[]) ORDER BY player, n, mission, period",
        (integers(numbers),),
        binary=True,
    ).fetchall()


def sums_of(conn: Connection, numbers: Iterable[int], until: int) -> dict[tuple[int, str], int]:
    """The sum of each player's ledger lines per currency, up to an n."""
    rows = conn.execute(
        "SELECT player, currency, sum(amount)::bigint FROM ledger"
        " WHERE player = ANY(%s::bigint[]) AND n <= %s GROUP BY 1, 2",
        (integers(numbers), until),
    )
    return {(row[0], row[1]): row[2] for row in rows}


def count_applied(conn: Connection, shard: int, until: int) -> int:
    """How many entries of a shard are applied up to an n; where n has no gaps, that n."""
    row = conn.execute("SELECT count(*) FROM applied WHERE shard = %s AND n <= %s", (shard, until)).fetchone()
    assert row is not None
    return int(row[0])


PLACES = """
WITH page AS (
  SELECT received_on, seq, shard FROM entry WHERE (received_on, seq) > (%s::date, %s::bigint)
  ORDER BY received_on, seq LIMIT %s
)
SELECT received_on, seq, (SELECT count(*) FROM applied a WHERE a.seq = page.seq)
  + (SELECT count(*) FROM inbox i WHERE i.shard = page.shard AND i.seq = page.seq)
  + (SELECT count(*) FROM parked p WHERE p.seq = page.seq)
FROM page ORDER BY received_on, seq
"""


def places(conn: Connection, after: Sequence[Any], limit: int) -> list[tuple[Any, int, int]]:
    """(received_on, seq, in how many of applied, inbox and parked it is) of the log, page by page; one is right."""
    return conn.execute(PLACES, (*after, limit)).fetchall()


def erased_after(conn: Connection, numbers: Iterable[int], n: int) -> set[int]:
    """Those of the players that were erased after an n: their entries can no longer be folded."""
    rows = conn.execute(
        "SELECT player FROM checkpoint WHERE player = ANY(%s::bigint[]) AND n > %s AND reason = 'erasure'",
        (integers(numbers), n),
    )
    return {row[0] for row in rows}


def lines_of_player(conn: Connection, player: int, after: int) -> dict[str, int]:
    """How many derived rows a player has in each table after an n."""
    tables = ("ledger", "badge_award", "mission_completion")
    counts = [
        conn.execute(f"SELECT count(*) FROM {t} WHERE player = %s AND n > %s", (player, after)).fetchone()
        for t in tables
    ]
    return {table: int(row[0]) for table, row in zip(tables, counts, strict=True) if row}


def clear_player(conn: Connection, player: int, after: int) -> None:
    """Delete a player's derived rows after an n; only the tables' owner may."""
    for table in ("ledger", "badge_award", "mission_completion"):
        conn.execute(f"DELETE FROM {table} WHERE player = %s AND n > %s", (player, after))
    conn.execute("UPDATE badge_award SET revoked_n = NULL WHERE player = %s AND revoked_n > %s", (player, after))
