"""Applying one entry at once: what a caller wants answered now takes the shard's lock itself."""

from dataclasses import dataclass
from typing import Any

import redis
import structlog

from engine.vocabulary.entry import Entry
from engine.vocabulary.outcome import Outcome
from engine.vocabulary.shard import shard_of
from webapp.config import Settings
from webapp.services.pipeline.fold_batch import Folded, Standing, encode_json, fold_entries
from webapp.services.pipeline.relay import relay
from webapp.services.pipeline.save_batch import save
from webapp.store.events import event_log, history, shards
from webapp.store.events.event_log import OwnEntry
from webapp.store.players import player_states
from webapp.store.rules import rule_versions
from webapp.store.system.connection import Connection

log = structlog.get_logger()

LAUREL_APP = 2
RELAY_ROWS = 500


@dataclass(frozen=True, slots=True)
class Own:
    """An entry of our own on its way: its derived or random id, its type `laurel.*` and its content."""

    type: str
    event_id: str
    payload: dict[str, Any]


class UnknownPlayerError(LookupError):
    """There is no player of that id, or not any more."""


def apply_now(conn: Connection, player_id: str, own: Own, *, creates: bool = False) -> Outcome | None:
    """Apply one entry at its own n under the shard's lock; the caller commits, then calls `afterwards`.

    Does not wait for events that are pending. None where an entry of that id was applied before. Raises
    `psycopg.errors.LockNotAvailable` after 2 s, and UnknownPlayerError unless it may create the player.
    """
    shard = shard_of(player_id)
    n = shards.lock(conn, shard)
    number = _number(conn, player_id, creates=creates)
    seq = append(conn, number, shard, own)
    if seq is None:
        return None
    return apply_entries(conn, shard, n, [history.one(conn, seq, n + 1)]).last_outcome


def _number(conn: Connection, player_id: str, *, creates: bool) -> int:
    if creates:
        return event_log.ensure_players(conn, {player_id})[player_id]
    number = player_states.number_of(conn, player_id)
    if number is None:
        raise UnknownPlayerError(player_id)
    return number


def append(conn: Connection, number: int, shard: int, own: Own) -> int | None:
    """Append an entry of our own that is applied in the same transaction; None where its id stood already."""
    entry = OwnEntry(number, shard, own.type, own.event_id, encode_json(own.payload))
    return event_log.append_own(conn, LAUREL_APP, entry, queued=False)


def apply_entries(conn: Connection, shard: int, n: int, batch: list[Entry], *, forgets: bool = False) -> Folded:
    """Fold and save entries that carry their n; the caller holds the shard's lock and commits.

    Where they forget the player, the relay is told so.
    """
    rows = player_states.load(conn, {entry.player for entry in batch})
    standing = Standing(shard, n, rule_versions.live_number(conn), rows)
    [folded] = fold_entries(conn, [(standing, batch)])
    save(conn, [(standing, folded, batch)], forgets=forgets)
    return folded


def afterwards(settings: Settings) -> None:
    """What follows the commit: take the word out; with Redis away it waits in the outbox."""
    try:
        relay(settings, RELAY_ROWS)
    except redis.RedisError as error:
        log.warning("relay_away", error=str(error))


def is_same(conn: Connection, own: Own) -> bool:
    """Whether the entry that stands under this id says the same."""
    return history.is_same_own(conn, event_log.event_key(LAUREL_APP, own.event_id), encode_json(own.payload))
