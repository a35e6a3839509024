"""Checkpoints: a player's state at an n, taken as given when state is recomputed later."""

from collections.abc import Sequence
from dataclasses import dataclass

from webapp.store.system.connection import Connection


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A player's state after n; `memory` is {"keys": [[set, hash in hex]…], "past": [[series, bucket, value]…]}."""

    shard: int
    player: int
    n: int
    reason: str
    engine_version: str
    state: bytes | None
    memory: bytes | None


def write(conn: Connection, checkpoint: Checkpoint) -> None:
    """Write a checkpoint in the caller's transaction; the caller holds the shard's lock."""
    c = checkpoint
    conn.execute(
        "INSERT INTO checkpoint (shard, player, n, reason, engine_version, state, memory)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s)"
        " ON CONFLICT (player, n) DO UPDATE SET reason = excluded.reason, engine_version = excluded.engine_version,"
        " state = excluded.state, memory = excluded.memory",
        (c.shard, c.player, c.n, c.reason, c.engine_version, c.state, c.memory),
    )


def newest(conn: Connection, players: Sequence[int]) -> dict[int, Checkpoint]:
    """The newest checkpoint of each of these players that has one."""
    rows = conn.execute(
        "SELECT DISTINCT ON (player) shard, player, n, reason, engine_version, state, memory FROM checkpoint"
        " WHERE player = ANY(%s) ORDER BY player, n DESC",
        (list(players),),
        binary=True,
    )
    return {row[1]: Checkpoint(*row) for row in rows}


OF_SHARD = """
WITH last AS (SELECT player, max(n) AS n FROM applied WHERE shard = %(shard)s GROUP BY player)
INSERT INTO checkpoint (shard, player, n, reason, engine_version, state, memory)
SELECT p.shard, p.number, last.n, %(reason)s, %(version)s, p.state, convert_to(json_build_object(
    'keys', coalesce((SELECT json_agg(json_build_array(k.set, encode(k.hash, 'hex')) ORDER BY k.set, k.hash)
                      FROM player_set_member k WHERE k.player = p.number), '[]'),
    'past', coalesce((SELECT json_agg(json_build_array(d.series, d.bucket, d.value) ORDER BY d.series, d.bucket)
                      FROM player_series d WHERE d.player = p.number), '[]'))::text, 'UTF8')
FROM player p JOIN last ON last.player = p.number
WHERE p.shard = %(shard)s AND p.state IS NOT NULL AND p.erased_at IS NULL
ON CONFLICT (player, n) DO NOTHING
"""


def write_shard(conn: Connection, shard: int, reason: str, version: str) -> int:
    """Write a checkpoint of every player of a shard, each at its last n; the caller holds the shard's lock."""
    return conn.execute(OF_SHARD, {"shard": shard, "reason": reason, "version": version}).rowcount
