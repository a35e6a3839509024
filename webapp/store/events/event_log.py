"""The log: events and our own entries are appended once, in one transaction with what makes them wait."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b

from engine.vocabulary.shard import shard_of
from webapp.store.events import log_rows
from webapp.store.events.log_rows import Row
from webapp.store.system.connection import Connection

KEY_BYTES = 16
BODY_BYTES = 8
TOLERANCE_SECONDS = 300  # how far before its own moment an event may arrive: clocks differ


class Status(StrEnum):
    """What became of one event of a request, most decisive first."""

    FUTURE = "future"
    CONFLICT = "conflict"
    DUPLICATE = "duplicate"
    ACCEPTED = "accepted"


@dataclass(frozen=True, slots=True)
class NewEvent:
    """A valid event on its way into the log.

    `payload` and `profile` are canonical JSON; `occurred_at` is in microseconds, None for the moment of receipt.
    """

    id: str
    type: str
    player: str
    occurred_at: int | None
    payload: bytes
    profile: bytes | None

    @property
    def body(self) -> bytes:
        """A short hash of all that makes two events of one id the same event."""
        head = f"{self.type}\0{self.player}\0{self.occurred_at}\0".encode()
        return blake2b(head + self.payload + b"\0" + (self.profile or b""), digest_size=BODY_BYTES).digest()


@dataclass(frozen=True, slots=True)
class Appended:
    """What a request came to, event by event in its order.

    `seqs` name the event that stands under each id; of an event refused for its moment they name nothing.
    """

    statuses: list[Status]
    seqs: list[int]
    shards: frozenset[int]


def event_key(app_id: int, event_id: str) -> bytes:
    """The short form under which an id of an app counts at most once."""
    return blake2b(f"{app_id}|{event_id}".encode(), digest_size=KEY_BYTES).digest()


APPEND = """
SELECT added, existing, existing_hashes FROM append_events(
  %b::int, %b::bytea[], %b::bytea[], %b::text[], %b::text[], %b::text[], %b::smallint[], %b::bigint[],
  %b::bytea[], %b::bytea[], make_interval(secs => %b::int))
"""


def append(conn: Connection, app_id: int, events: Sequence[NewEvent]) -> Appended:
    """Append the events whose ids are new and whose moment is not in the future; the caller commits, then hints.

    One call, atomic by itself. Keys and players are taken in a fixed order, so that concurrent requests cannot
    deadlock; numbers follow the order of the request. Of an id that stands twice in it the first one is sent, and
    the other is compared with what then stands in the log; where the first was refused, the other is sent after it.
    """
    keys = [event_key(app_id, event.id) for event in events]
    statuses, seqs, shards = [Status.FUTURE] * len(events), [0] * len(events), set[int]()
    left = list(range(len(events)))
    while left:
        first = {keys[i]: i for i in reversed(left)}
        sent = sorted(first.values())
        stands = _call(conn, app_id, [keys[i] for i in sent], [events[i] for i in sent])
        for i in left:
            stand = stands[keys[i]]
            is_sent = first[keys[i]] == i
            if stand is not None:
                seqs[i] = stand.seq
                statuses[i] = _status(is_same=stand.body == events[i].body, is_new=is_sent and stand.is_new)
        shards |= {shard_of(events[i].player) for i in sent if statuses[i] is Status.ACCEPTED}
        left = [i for i in left if stands[keys[i]] is None and first[keys[i]] != i]
    return Appended(statuses, seqs, frozenset(shards))


@dataclass(frozen=True, slots=True)
class _Stand:
    """What stands in the log under a key."""

    seq: int
    body: bytes
    is_new: bool


def _call(
    conn: Connection, app_id: int, keys: Sequence[bytes], events: Sequence[NewEvent]
) -> dict[bytes, _Stand | None]:
    """Send events of different ids and give what then stands under each; None under one refused for its moment."""
    bodies = [event.body for event in events]
    columns = (
        list(keys),
        bodies,
        [event.id for event in events],
        [event.type for event in events],
        [event.player for event in events],
        [shard_of(event.player) for event in events],
        [event.occurred_at for event in events],
        [event.payload for event in events],
        [event.profile for event in events],
    )
    row = conn.execute(APPEND, (app_id, *columns, TOLERANCE_SECONDS), binary=True).fetchone()
    assert row is not None
    added, held, stored = row
    stands: dict[bytes, _Stand | None] = {}
    for i, key in enumerate(keys):
        if added[i] is not None:
            stands[key] = _Stand(added[i], bodies[i], is_new=True)
        else:
            stands[key] = None if held[i] is None else _Stand(held[i], stored[i], is_new=False)
    return stands


def _status(*, is_same: bool, is_new: bool) -> Status:
    if not is_same:
        return Status.CONFLICT
    return Status.ACCEPTED if is_new else Status.DUPLICATE


def ensure_players(conn: Connection, ids: set[str]) -> dict[str, int]:
    """The numbers of these players, made now where they are new.

    The rows stay locked against erasure until the transaction ends: an entry never names a player that is gone.
    Whoever is erased between being made and being locked is made once more.
    """
    numbers = log_rows.lock_players(conn, sorted(ids)) if ids else {}
    while missing := sorted(ids - numbers.keys()):
        log_rows.make_players(conn, missing, [shard_of(player) for player in missing])
        numbers |= log_rows.lock_players(conn, missing)
    return numbers


@dataclass(frozen=True, slots=True)
class OwnEntry:
    """An entry of our own about one player: `laurel.*`, with an id derived so that a second one is the same."""

    player: int
    shard: int
    type: str
    event_id: str
    payload: bytes
    occurred_at: int | None = None


def append_own(conn: Connection, app_id: int, entry: OwnEntry, *, queued: bool) -> int | None:
    """Append one entry of our own and give its number; None where its id stood already.

    Queued, it waits in the inbox for its shard's drain; otherwise the caller holds the shard's lock and applies it.
    """
    received = log_rows.numbers(conn, 1)
    seq = received.seqs[0]
    body = blake2b(entry.payload, digest_size=BODY_BYTES).digest()
    if not log_rows.insert_keys(conn, [(event_key(app_id, entry.event_id), body, seq)], received.at):
        return None
    row = Row(seq, entry.shard, entry.player, entry.type, entry.event_id, entry.occurred_at, entry.payload)
    log_rows.insert_entries(conn, app_id, [row], received.at)
    if not queued:
        conn.execute("DELETE FROM inbox WHERE shard = %s AND seq = %s", (entry.shard, seq))
    return seq


def make_partitions(conn: Connection, months: int = 3) -> int:
    """Make the log's monthly partitions ahead; gives how many were new."""
    row = conn.execute("SELECT make_log_partitions(%s)", (months,)).fetchone()
    return 0 if row is None else int(row[0])


def backlog(conn: Connection) -> int:
    """How many entries wait; exact, and cheap while the inbox is short."""
    row = conn.execute("SELECT count(*) FROM inbox").fetchone()
    return 0 if row is None else int(row[0])
