"""The log: events and system entries are appended once, in one transaction with what makes them wait."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b

from engine.vocabulary.shard import shard_of
from webapp.store.system.arrays import columns
from webapp.store.system.connection import Connection

SYSTEM_APP_ID = 2
"""The app under which system entries are written."""
SYSTEM_APP_KEY = "laurel"

KEY_BYTES = 16
CONTENT_HASH_BYTES = 8
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
    def content_hash(self) -> bytes:
        """A short hash of all that makes two events of one id the same event."""
        head = f"{self.type}\0{self.player}\0{self.occurred_at}\0".encode()
        return blake2b(head + self.payload + b"\0" + (self.profile or b""), digest_size=CONTENT_HASH_BYTES).digest()


@dataclass(frozen=True, slots=True)
class Appended:
    """What a request came to, event by event in its order.

    `seqs` name the event that is in the log under each id; 0 for an event refused for its moment. `shards` are those
    to hint.
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
    deadlock; numbers follow the order of the request. Where an id is in the request twice the first one is sent, and
    the second is compared with what the log then holds; if the first was refused, the second is sent after it.
    """
    keys = [event_key(app_id, event.id) for event in events]
    statuses, seqs, shards = [Status.FUTURE] * len(events), [0] * len(events), set[int]()
    undecided = list(range(len(events)))
    while undecided:
        first = {keys[i]: i for i in reversed(undecided)}
        sent = sorted(first.values())
        logged = _call(conn, app_id, [keys[i] for i in sent], [events[i] for i in sent])
        for i in undecided:
            held = logged[keys[i]]
            if held is not None:
                seqs[i] = held.seq
                is_same = held.content_hash == events[i].content_hash
                statuses[i] = _status(is_same=is_same, is_new=held.is_new and first[keys[i]] == i)
        shards |= {shard_of(events[i].player) for i in sent if statuses[i] is Status.ACCEPTED}
        undecided = [i for i in undecided if logged[keys[i]] is None and first[keys[i]] != i]
    return Appended(statuses, seqs, frozenset(shards))


@dataclass(frozen=True, slots=True)
class _LoggedEvent:
    """The event that the log holds under a key."""

    seq: int
    content_hash: bytes
    is_new: bool


def _call(
    conn: Connection, app_id: int, keys: Sequence[bytes], events: Sequence[NewEvent]
) -> dict[bytes, _LoggedEvent | None]:
    """Send events of different ids and return what the log then holds by key; None for one refused for its moment."""
    hashes = [event.content_hash for event in events]
    columns = (
        list(keys),
        hashes,
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
    added, existing, existing_hashes = row
    logged: dict[bytes, _LoggedEvent | None] = {}
    for i, key in enumerate(keys):
        if added[i] is not None:
            logged[key] = _LoggedEvent(added[i], hashes[i], is_new=True)
        else:
            logged[key] = None if existing[i] is None else _LoggedEvent(existing[i], existing_hashes[i], is_new=False)
    return logged


def _status(*, is_same: bool, is_new: bool) -> Status:
    if not is_same:
        return Status.CONFLICT
    return Status.ACCEPTED if is_new else Status.DUPLICATE


def ensure_players(conn: Connection, ids: set[str]) -> dict[str, int]:
    """The numbers of these players, made now where they are new.

    The rows stay locked against erasure until the transaction ends, so that an entry never names a player that is
    gone; drains are not kept waiting. A player who is erased between being made and being locked is made once more.
    """
    numbers = _lock_players(conn, sorted(ids)) if ids else {}
    while missing := sorted(ids - numbers.keys()):  # sorted, so that two requests cannot deadlock
        conn.execute(MAKE_PLAYERS, (missing, [shard_of(player) for player in missing]))
        numbers |= _lock_players(conn, missing)
    return numbers


MAKE_PLAYERS = """
INSERT INTO player (id, shard) SELECT * FROM unnest(%b::text[], %b::smallint[]) ON CONFLICT (id) DO NOTHING
"""


def _lock_players(conn: Connection, ids: Sequence[str]) -> dict[str, int]:
    """The numbers of those that exist, by id."""
    rows = conn.execute("SELECT id, number FROM player WHERE id = ANY(%b) FOR KEY SHARE", (list(ids),), binary=True)
    return {row[0]: row[1] for row in rows}


@dataclass(frozen=True, slots=True)
class SystemEntry:
    """An entry that Laurel itself writes about one player: `laurel.*`, with an id derived so that a second is the same.

    `payload` is canonical JSON; `occurred_at` is in microseconds, None for the moment of receipt.
    """

    player: int
    shard: int
    type: str
    event_id: str
    payload: bytes
    occurred_at: int | None = None


APPEND_SYSTEM_ENTRIES = """
WITH received AS MATERIALIZED (
  SELECT nextval('entry_seq') AS seq, clock_timestamp() AS at, t.*
  FROM unnest(%s::bytea[], %s::bytea[], %s::smallint[], %s::bigint[], %s::text[], %s::text[], %s::bigint[], %s::bytea[])
    AS t (key, content_hash, shard, player, type, event_id, occurred_at, payload)
), keyed AS (
  INSERT INTO event_key (key, content_hash, seq, received_on)
  SELECT key, content_hash, seq, (at AT TIME ZONE 'UTC')::date FROM received
  ON CONFLICT (key) DO NOTHING RETURNING seq
), appended AS (
  INSERT INTO entry (seq, received_on, received_at, shard, player, app_id, type, event_id, occurred_at, payload)
  SELECT seq, (at AT TIME ZONE 'UTC')::date, at, shard, player, %s, type, event_id,
    coalesce('epoch'::timestamptz + occurred_at * interval '1 microsecond', at), payload
  FROM received JOIN keyed USING (seq)
  RETURNING shard, seq, received_on, received_at, player
), queued AS (
  INSERT INTO inbox (shard, seq, received_on, received_at, player)
  SELECT shard, seq, received_on, received_at, player FROM appended WHERE %s
)
SELECT event_id, seq, (extract(epoch FROM at) * 1000000)::bigint FROM received JOIN keyed USING (seq)
"""


def append_system_entry(conn: Connection, entry: SystemEntry, *, queued: bool) -> int | None:
    """Append one system entry and return its number; None where its id is in the log already.

    Queued, it waits in the inbox for its shard's drain; otherwise the caller holds the shard's lock and applies it.
    The player is locked against erasure, or the shard is. Another transaction with the same id is waited for.
    """
    appended = append_system_entries(conn, [entry], queued=queued).get(entry.event_id)
    return None if appended is None else appended[0]


def append_system_entries(
    conn: Connection, entries: Sequence[SystemEntry], *, queued: bool
) -> dict[str, tuple[int, int]]:
    """The same for several, at least one; number and moment of receipt (µs) of each that is new, by its id."""
    rows = [
        (
            event_key(SYSTEM_APP_ID, entry.event_id),
            blake2b(entry.payload, digest_size=CONTENT_HASH_BYTES).digest(),
            entry.shard,
            entry.player,
            entry.type,
            entry.event_id,
            entry.occurred_at,
            entry.payload,
        )
        for entry in entries
    ]
    appended = conn.execute(APPEND_SYSTEM_ENTRIES, (*columns(rows), SYSTEM_APP_ID, queued))
    return {row[0]: (row[1], row[2]) for row in appended}


def make_partitions(conn: Connection, months: int = 3) -> int:
    """Make the log's monthly partitions ahead; returns how many were new."""
    row = conn.execute("SELECT make_log_partitions(%s)", (months,)).fetchone()
    return 0 if row is None else int(row[0])


def backlog(conn: Connection) -> int:
    """How many entries wait; exact, and cheap while the inbox is short."""
    row = conn.execute("SELECT count(*) FROM inbox").fetchone()
    return 0 if row is None else int(row[0])
