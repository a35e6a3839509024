"""Applying one entry at once: what a caller wants answered now takes the shard's lock itself."""

from dataclasses import dataclass
from typing import Any

from engine.vocabulary.entry import Entry
from engine.vocabulary.outcome import Outcome
from engine.vocabulary.shard import shard_of
from webapp.jobs.folding import Folded, Standing, encode_json, fold_entries
from webapp.jobs.saving import save
from webapp.store import entries, history, players, shards
from webapp.store.connection import Connection
from webapp.store.entries import OwnEntry

LAUREL_APP = 2


@dataclass(frozen=True, slots=True)
class Own:
    """An entry of our own on its way: its derived or random id, its type `laurel.*` and its content."""

    type: str
    event_id: str
    payload: dict[str, Any]


class UnknownPlayerError(LookupError):
    """There is no player of that id, or not any more."""


def apply_now(conn: Connection, player_id: str, own: Own, *, creates: bool = False) -> Outcome | None:
    """Apply one entry at its own n under the shard's lock; the caller commits, then hints and relays.

    Does not wait for events that are pending. None where an entry of that id was applied before. Raises
    `psycopg.errors.LockNotAvailable` after 2 s, and UnknownPlayerError unless it may create the player.
    """
    shard = shard_of(player_id)
    n = shards.lock(conn, shard)
    number = _number(conn, player_id, creates=creates)
    seq = entries.append_own(
        conn, LAUREL_APP, OwnEntry(number, shard, own.type, own.event_id, encode_json(own.payload)), queued=False
    )
    if seq is None:
        return None
    entry = history.one(conn, seq, n + 1)
    folded = apply_entries(conn, shard, n, [entry])
    return folded.outcomes[0][1] if folded.outcomes else Outcome()


def _number(conn: Connection, player_id: str, *, creates: bool) -> int:
    if creates:
        return entries.ensure_players(conn, {player_id})[player_id]
    number = players.number_of(conn, player_id)
    if number is None:
        raise UnknownPlayerError(player_id)
    return number


def apply_entries(conn: Connection, shard: int, n: int, batch: list[Entry]) -> Folded:
    """Fold and save entries that carry their n; the caller holds the shard's lock and commits."""
    standing = Standing(shard, n, live_number(conn), players.load(conn, {entry.player for entry in batch}))
    folded = fold_entries(conn, standing, batch)
    save(conn, standing, folded, batch)
    return folded


def live_number(conn: Connection) -> int:
    """The live rulebook's number, read under the lock."""
    from webapp.store import rules

    return rules.live_number(conn)
