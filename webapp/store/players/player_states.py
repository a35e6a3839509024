"""Players: one document of state each, and the sets and series stored beside it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from webapp.store.system.arrays import columns, integers
from webapp.store.system.connection import Connection


@dataclass(frozen=True, slots=True)
class PlayerRow:
    """One player's row; `id` is None once erased, `state` None before the first entry."""

    number: int
    id: str | None
    state: bytes | None
    version: int


LOAD = "SELECT number, id, state, version FROM player WHERE number = ANY(%s::bigint[])"
LOAD_BY_IDS = "SELECT number, id, state, version FROM player WHERE id = ANY(%s::text[])"
LOAD_WAITING = """
SELECT number, id, state, version FROM player
WHERE number = ANY(ARRAY(SELECT i.player FROM unnest(%s::smallint[]) AS s (shard)
  CROSS JOIN LATERAL (SELECT player FROM inbox
    WHERE shard = s.shard AND player <> ALL(%s::bigint[]) ORDER BY seq LIMIT %s) i))
"""


def load(conn: Connection, numbers: Iterable[int]) -> dict[int, PlayerRow]:
    """The rows of these players."""
    rows = conn.execute(LOAD, (integers(numbers),), binary=True)
    return {row[0]: PlayerRow(*row) for row in rows}


SAVE = """
UPDATE player SET state = t.state, version = t.version, flag = coalesce(t.flag, player.flag),
  due_at = 'epoch'::timestamptz + t.due * interval '1 microsecond'
FROM unnest(%s::bigint[], %b::bytea[], %s::int[], %s::bigint[], %s::text[]) AS t (number, state, version, due, flag)
WHERE player.number = t.number
"""


def save(conn: Connection, rows: Sequence[tuple[int, bytes, int, int | None, str | None]]) -> None:
    """Write (number, state, version, due_at in microseconds, new flag or None); the caller holds the shard's lock."""
    if rows:
        conn.execute(SAVE, tuple(columns(rows)))


KEYS = """
SELECT k.player, k.set, k.hash FROM unnest(%s::bigint[], %s::text[], %b::bytea[]) AS t (player, set, hash)
JOIN player_set_member k USING (player, set, hash)
"""
SETS = """
SELECT k.player, k.set, k.hash FROM unnest(%s::bigint[], %s::text[]) AS t (player, set)
JOIN player_set_member k USING (player, set)
"""
PAST = """
SELECT d.player, d.series, d.bucket, d.value::text FROM unnest(%s::bigint[], %s::text[], %s::int[], %s::int[])
  AS t (player, series, first, last)
JOIN player_series d ON d.player = t.player AND d.series = t.series AND d.bucket BETWEEN t.first AND t.last
"""


def keys_among(conn: Connection, wanted: Sequence[tuple[int, str, bytes]]) -> list[tuple[int, str, bytes]]:
    """Those of the (player, set, hash) that exist."""
    return list(conn.execute(KEYS, tuple(columns(wanted)), binary=True)) if wanted else []


def keys_of_sets(conn: Connection, wanted: Sequence[tuple[int, str]]) -> list[tuple[int, str, bytes]]:
    """All (player, set, hash) of whole sets."""
    return list(conn.execute(SETS, tuple(columns(wanted)), binary=True)) if wanted else []


def past_of(conn: Connection, wanted: Sequence[tuple[int, str, int, int]]) -> list[tuple[int, str, int, Any]]:
    """All (player, series, bucket, value) of series between two buckets, both included."""
    if not wanted:
        return []
    rows = conn.execute(PAST, tuple(columns(wanted)), binary=True)
    return [(row[0], row[1], row[2], msgspec.json.decode(row[3])) for row in rows]


def all_keys(conn: Connection, numbers: Iterable[int]) -> list[tuple[int, str, bytes]]:
    """Every key of these players."""
    statement = "SELECT player, set, hash FROM player_set_member WHERE player = ANY(%s::bigint[])"
    return list(conn.execute(statement, (integers(numbers),), binary=True))


def all_past(conn: Connection, numbers: Iterable[int]) -> list[tuple[int, str, int, Any]]:
    """Every older counter of these players."""
    statement = "SELECT player, series, bucket, value::text FROM player_series WHERE player = ANY(%s::bigint[])"
    rows = conn.execute(statement, (integers(numbers),), binary=True)
    return [(row[0], row[1], row[2], msgspec.json.decode(row[3])) for row in rows]


def add_keys(conn: Connection, keys: Sequence[tuple[int, str, bytes]]) -> None:
    """Add once-per keys and distinct values; those that exist already stay as they are."""
    if keys:
        conn.execute(
            "INSERT INTO player_set_member (player, set, hash)"
            " SELECT * FROM unnest(%s::bigint[], %s::text[], %b::bytea[])"
            " ON CONFLICT DO NOTHING",
            tuple(columns(keys)),
        )


def remove_keys(conn: Connection, keys: Sequence[tuple[int, str, bytes]]) -> None:
    """Remove members of players' sets."""
    if keys:
        conn.execute(
            "DELETE FROM player_set_member k"
            " USING unnest(%s::bigint[], %s::text[], %b::bytea[]) AS t (player, set, hash)"
            " WHERE k.player = t.player AND k.set = t.set AND k.hash = t.hash",
            tuple(columns(keys)),
        )


def forget_sets(conn: Connection, whose: Sequence[tuple[int, str]], prefixes: Sequence[str]) -> None:
    """Remove all sets and series of (player, key) whose names begin with one of the prefixes and then the key."""
    if not whose:
        return
    for table, name in (("player_set_member", "set"), ("player_series", "series")):
        conn.execute(
            f"DELETE FROM {table} k USING unnest(%s::bigint[], %s::text[]) AS t (player, key) WHERE k.player = t.player"
            f" AND split_part(k.{name}, ':', 2) = t.key AND split_part(k.{name}, ':', 1) || ':' = ANY(%s)",
            (*columns(whose), list(prefixes)),
        )


def set_past(conn: Connection, past: Sequence[tuple[int, str, int, Any]]) -> None:
    """Write older counters as they now are: (player, series, bucket, value); a value of None takes one away."""
    gone = [row[:3] for row in past if row[3] is None]
    changed = [(*row[:3], msgspec.json.encode(row[3]).decode()) for row in past if row[3] is not None]
    if gone:
        conn.execute(
            "DELETE FROM player_series d"
            " USING unnest(%s::bigint[], %s::text[], %s::int[]) AS t (player, series, bucket)"
            " WHERE d.player = t.player AND d.series = t.series AND d.bucket = t.bucket",
            tuple(columns(gone)),
        )
    if changed:
        conn.execute(
            "INSERT INTO player_series (player, series, bucket, value)"
            " SELECT player, series, bucket, value::jsonb FROM unnest(%s::bigint[], %s::text[], %s::int[], %s::text[])"
            " AS t (player, series, bucket, value)"
            " ON CONFLICT (player, series, bucket) DO UPDATE SET value = excluded.value",
            tuple(columns(changed)),
        )


def forget_memory(conn: Connection, numbers: Iterable[int]) -> None:
    """Remove all keys and older counters of these players."""
    for table in ("player_set_member", "player_series"):
        conn.execute(f"DELETE FROM {table} WHERE player = ANY(%s::bigint[])", (integers(numbers),))


def number_of(conn: Connection, player_id: str) -> int | None:
    """The number behind an id; None for an unknown or erased player."""
    row = conn.execute("SELECT number FROM player WHERE id = %s", (player_id,)).fetchone()
    return None if row is None else int(row[0])


def ids_of(conn: Connection, numbers: Sequence[int]) -> dict[int, str]:
    """The ids of players by their numbers; erased ones have none."""
    statement = "SELECT number, id FROM player WHERE number = ANY(%s::bigint[]) AND id IS NOT NULL"
    return dict(conn.execute(statement, (integers(numbers),)).fetchall())


def lock_for_erasure(conn: Connection, player_id: str) -> int | None:
    """Lock a player's row against ingest and return its number; None for an unknown player."""
    row = conn.execute("SELECT number FROM player WHERE id = %s FOR UPDATE", (player_id,)).fetchone()
    return None if row is None else int(row[0])


def forget(conn: Connection, number: int) -> None:
    """Remove a player's id, the content of all its entries in the log, and every text that people wrote about it."""
    conn.execute(
        "UPDATE player SET id = NULL, erased_at = clock_timestamp(), due_at = NULL WHERE number = %s", (number,)
    )
    conn.execute("SELECT erase_log_entries(%s)", (number,))


def erased_among(conn: Connection, numbers: Iterable[int]) -> set[int]:
    """Those of the players that were erased."""
    statement = "SELECT number FROM player WHERE number = ANY(%s::bigint[]) AND erased_at IS NOT NULL"
    return {row[0] for row in conn.execute(statement, (integers(numbers),))}
