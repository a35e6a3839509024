"""Checkpoints: a player's state at an n, taken as given by whoever recomputes it later."""

from collections.abc import Sequence
from dataclasses import dataclass

from webapp.store.connection import Connection


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
    """Keep a checkpoint in the caller's transaction; the caller holds the shard's lock."""
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
