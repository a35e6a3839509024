"""Applying one system entry at once: a caller that needs the outcome in its answer takes the shard's lock itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from engine.vocabulary.entry import Entry
from engine.vocabulary.outcome import Outcome
from engine.vocabulary.shard import shard_of
from webapp.services.pipeline.apply_batch import FoldedShard, LockedShard, encode_json, fold_shards, save
from webapp.store.events import applied_entries, event_log, rule_activity, shards
from webapp.store.events.event_log import SYSTEM_APP_ID, SystemEntry
from webapp.store.players import player_states
from webapp.store.rules import rule_versions, rulebooks
from webapp.store.system.connection import Connection


@dataclass(frozen=True, slots=True)
class NewSystemEntry:
    """A system entry on its way into the log: its type `laurel.*`, its derived or random id, and its content."""

    type: str
    event_id: str
    payload: dict[str, Any]


class UnknownPlayerError(LookupError):
    """There is no player of that id, or not any more."""


def apply_now(conn: Connection, player_id: str, new: NewSystemEntry, *, creates: bool = False) -> Outcome | None:
    """Apply one entry at its own n under the shard's lock; the caller commits, then calls `relay.try_relay`.

    Does not wait for events that are pending. None where an entry of that id was applied before. Raises
    `psycopg.errors.LockNotAvailable` after 2 s, and UnknownPlayerError unless it may create the player.
    """
    shard = shard_of(player_id)
    rulebooks.compile_first(conn)
    n = shards.lock(conn, shard)
    number = _number(conn, player_id, creates=creates)
    seq = append(conn, number, shard, new)
    if seq is None:
        return None
    return apply_entries(conn, shard, n, [applied_entries.one(conn, seq, n + 1)]).last_outcome


def _number(conn: Connection, player_id: str, *, creates: bool) -> int:
    if creates:
        return event_log.ensure_players(conn, {player_id})[player_id]
    number = player_states.number_of(conn, player_id)
    if number is None:
        raise UnknownPlayerError(player_id)
    return number


def append(conn: Connection, number: int, shard: int, new: NewSystemEntry) -> int | None:
    """Append a system entry that is applied in the same transaction; None where its id is in the log already."""
    entry = SystemEntry(number, shard, new.type, new.event_id, encode_json(new.payload))
    return event_log.append_system_entry(conn, entry, queued=False)


def apply_entries(
    conn: Connection, shard: int, n: int, entries: Sequence[Entry], *, forgets_players: bool = False
) -> FoldedShard:
    """Fold and save entries that carry their n, the first of them `n` + 1; the caller holds the lock and commits.

    With `forgets_players` projections are told to drop their players.
    """
    rows = player_states.load(conn, {entry.player for entry in entries})
    locked = LockedShard(shard, n, rule_versions.live_number(conn), entries, rows)
    [folded] = fold_shards(conn, [locked])
    save(conn, [(locked, folded)], forgets_players=forgets_players)
    rule_activity.count(conn, shard, folded.matches)
    return folded


def stored_payload(conn: Connection, new: NewSystemEntry) -> dict[str, Any] | None:
    """The content of the entry that is in the log under this id; None where there is none."""
    return applied_entries.payload_of(conn, event_log.event_key(SYSTEM_APP_ID, new.event_id))
