"""Erasing a player: personal data goes, the number and every total stay.

Goes: the id, profile, properties, ids of events, reasons that people wrote. Stays, under the number alone: what was
given and taken, and the ids that apps chose for plays and redemptions, by which sending them again stays harmless. The
audit log names players by number only, since nothing can be taken out of it.
"""

from collections.abc import Sequence

import psycopg
import structlog

from engine.scoring.fold import ENGINE_VERSION
from engine.scoring.state import player_state
from engine.vocabulary.entry import ERASURE, Entry
from engine.vocabulary.shard import shard_of
from webapp.services.pipeline.apply_batch import encode_json
from webapp.services.pipeline.apply_now import NewSystemEntry, UnknownPlayerError, append, apply_entries
from webapp.store.events import applied_entries, parked_entries, shards
from webapp.store.players import checkpoints, player_states
from webapp.store.players.checkpoints import Checkpoint
from webapp.store.rules import backtests
from webapp.store.system.connection import Connection

log = structlog.get_logger()

PENDING_MAX = 500


def erase(conn: Connection, player_id: str) -> int:
    """Erase a player under the shard's lock and return its number; the caller commits.

    What waits for the player is applied first, in the same transaction, and parked where it fails; where more than
    500 entries wait, the first ones are applied and committed by themselves. Ingest holds the player's row, so an
    event accepted before is seen here, and one accepted later belongs to a new player.
    Raises UnknownPlayerError, and `psycopg.errors.LockNotAvailable` after 2 s.
    """
    shard = shard_of(player_id)
    while True:
        n = shards.lock(conn, shard)
        number = player_states.lock_for_erasure(conn, player_id)
        if number is None:
            raise UnknownPlayerError(player_id)
        pending = applied_entries.pending_of_player(conn, number, PENDING_MAX + 1)
        n = _apply_pending(conn, shard, n, pending[:PENDING_MAX])
        if len(pending) <= PENDING_MAX:
            break
        conn.commit()
    seq = append(conn, number, shard, NewSystemEntry(ERASURE, f"erasure:{number}", {}))
    assert seq is not None, "a player that has an id was not erased before"
    apply_entries(conn, shard, n, [applied_entries.one(conn, seq, n + 1)], forgets_players=True)
    _forget(conn, shard, n + 1, number)
    return number


def _apply_pending(conn: Connection, shard: int, n: int, pending: Sequence[Entry]) -> int:
    for entry in pending:
        try:
            with conn.transaction():
                apply_entries(conn, shard, n, [applied_entries.at_n(entry, n + 1)])
        except psycopg.Error:
            raise
        except Exception as error:  # what fails here is parked at once: the player will not be there for a replay
            log.exception("entry_parked", seq=entry.seq, shard=shard)
            parked_entries.park(conn, shard, entry.seq, "failed", f"{type(error).__name__}: {error}")
        else:
            n += 1
    return n


def _forget(conn: Connection, shard: int, n: int, number: int) -> None:
    """Keep a checkpoint of what is left, for the entries before it can no longer be judged, and wipe the rest."""
    stored = player_states.load(conn, [number])[number]
    memory = {
        "keys": [[name, value.hex()] for _, name, value in player_states.all_keys(conn, [number])],
        "past": [[series, bucket, value] for _, series, bucket, value in player_states.all_past(conn, [number])],
    }
    checkpoints.write(
        conn,
        Checkpoint(
            shard, number, n, "erasure", ENGINE_VERSION, stored.state or player_state.encode({}), encode_json(memory)
        ),
    )
    player_states.forget(conn, number)
    backtests.remove_player(conn, number)
