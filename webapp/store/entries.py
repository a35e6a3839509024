"""The log: events and our own entries are appended once, in one transaction with what makes them wait."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b

from engine.vocabulary.shard import shard_of
from webapp.store.connection import Connection

KEY_BYTES = 16
BODY_BYTES = 8


class Status(StrEnum):
    """What became of one event of a request, most decisive first."""

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
        parts = (self.type, self.player, str(self.occurred_at), self.payload.decode(), (self.profile or b"").decode())
        return blake2b("\0".join(parts).encode(), digest_size=BODY_BYTES).digest()


@dataclass(frozen=True, slots=True)
class Appended:
    """What a request came to, event by event in its order; `seqs` name the first event of that id."""

    statuses: list[Status]
    seqs: list[int]
    shards: frozenset[int]


def event_key(app_id: int, event_id: str) -> bytes:
    """The short form under which an id of an app counts at most once."""
    return blake2b(f"{app_id}|{event_id}".encode(), digest_size=KEY_BYTES).digest()


def append(conn: Connection, app_id: int, events: Sequence[NewEvent]) -> Appended:
    """Append the events whose ids are new; the caller commits.

    Keys are inserted in the order of their bytes, so that two requests with the same ids wait for each other
    instead of deadlocking; numbers follow the order of the request.
    """
    received = _numbers(conn, len(events))
    bodies = [event.body for event in events]
    keys = [event_key(app_id, event.id) for event in events]
    first: dict[bytes, int] = {}
    for index, key in enumerate(keys):
        first.setdefault(key, index)
    fresh = _insert_keys(conn, [(key, bodies[i], received.seqs[i]) for key, i in first.items()], received)
    known = {key: (bodies[first[key]], received.seqs[first[key]]) for key in fresh}
    known |= _stored(conn, [key for key in first if key not in fresh])
    new = [index for key, index in first.items() if key in fresh]
    shards = _insert_entries(conn, app_id, [(events[i], received.seqs[i]) for i in sorted(new)], received)
    statuses = [_status(known[key][0] == bodies[i], is_new=key in fresh and first[key] == i) for i, key in enumerate(keys)]
    return Appended(statuses, [known[key][1] for key in keys], shards)


def _status(is_same: bool, *, is_new: bool) -> Status:  # noqa: FBT001 -- reads as one sentence where it is called
    if not is_same:
        return Status.CONFLICT
    return Status.ACCEPTED if is_new else Status.DUPLICATE


@dataclass(frozen=True, slots=True)
class Received:
    """A block of log numbers and the moment of receipt by the database's clock."""

    at: object
    seqs: list[int]


def _numbers(conn: Connection, count: int) -> Received:
    row = conn.execute(
        "SELECT clock_timestamp(), array(SELECT nextval('entry_seq') FROM generate_series(1, %s::int))", (count,), binary=True
    ).fetchone()
    assert row is not None
    return Received(row[0], row[1])


def _insert_keys(conn: Connection, rows: list[tuple[bytes, bytes, int]], received: Received) -> set[bytes]:
    """Insert what is new, sorted; gives the keys that were."""
    ordered = sorted(rows)
    inserted = conn.execute(
        "INSERT INTO event_key (key, body, seq, received_on)"
        " SELECT k, b, s, (%b::timestamptz AT TIME ZONE 'UTC')::date FROM unnest(%b::bytea[], %b::bytea[], %b::bigint[]) AS t (k, b, s)"
        " ON CONFLICT (key) DO NOTHING RETURNING key",
        (received.at, [row[0] for row in ordered], [row[1] for row in ordered], [row[2] for row in ordered]),
        binary=True,
    )
    return {row[0] for row in inserted}


def _stored(conn: Connection, keys: list[bytes]) -> dict[bytes, tuple[bytes, int]]:
    if not keys:
        return {}
    rows = conn.execute("SELECT key, body, seq FROM event_key WHERE key = ANY(%b)", (keys,), binary=True)
    return {row[0]: (row[1], row[2]) for row in rows}


ENTRIES = """
WITH new AS (
  INSERT INTO entry (seq, received_on, received_at, shard, player, app_id, type, event_id, occurred_at, payload, profile)
  SELECT seq, (%(at)b::timestamptz AT TIME ZONE 'UTC')::date, %(at)b::timestamptz, shard, player, %(app)b::int, type, event_id,
         coalesce('epoch'::timestamptz + occurred * interval '1 microsecond', %(at)b::timestamptz), payload, profile
  FROM unnest(%(seqs)b::bigint[], %(shards)b::smallint[], %(players)b::bigint[], %(types)b::text[], %(ids)b::text[],
              %(occurred)b::bigint[], %(payloads)b::bytea[], %(profiles)b::bytea[])
       AS t (seq, shard, player, type, event_id, occurred, payload, profile)
  RETURNING shard, seq, received_on, received_at, player
)
INSERT INTO inbox (shard, seq, received_on, received_at, player) SELECT * FROM new
"""


def _insert_entries(conn: Connection, app_id: int, rows: list[tuple[NewEvent, int]], received: Received) -> frozenset[int]:
    if not rows:
        return frozenset()
    numbers = ensure_players(conn, {event.player for event, _ in rows})
    shards = [shard_of(event.player) for event, _ in rows]
    conn.execute(
        ENTRIES,
        {
            "at": received.at,
            "app": app_id,
            "seqs": [seq for _, seq in rows],
            "shards": shards,
            "players": [numbers[event.player] for event, _ in rows],
            "types": [event.type for event, _ in rows],
            "ids": [event.id for event, _ in rows],
            "occurred": [event.occurred_at for event, _ in rows],
            "payloads": [event.payload for event, _ in rows],
            "profiles": [event.profile for event, _ in rows],
        },
    )
    return frozenset(shards)


def ensure_players(conn: Connection, ids: set[str]) -> dict[str, int]:
    """The numbers of these players, made now where they are new.

    The rows stay locked against erasure until the transaction ends: an entry never names a player that is gone.
    """
    numbers = _numbers_of(conn, sorted(ids))
    missing = sorted(ids - numbers.keys())
    if missing:
        conn.execute(
            "INSERT INTO player (id, shard) SELECT * FROM unnest(%b::text[], %b::smallint[]) ON CONFLICT (id) DO NOTHING",
            (missing, [shard_of(player) for player in missing]),
        )
        numbers |= _numbers_of(conn, missing)
    return numbers


def _numbers_of(conn: Connection, ids: list[str]) -> dict[str, int]:
    rows = conn.execute("SELECT id, number FROM player WHERE id = ANY(%b) FOR KEY SHARE", (ids,), binary=True)
    return {row[0]: row[1] for row in rows}


@dataclass(frozen=True, slots=True)
class OwnEntry:
    """An entry of our own about one player: its type is `laurel.*`, its id is derived so that a second one is the same."""

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
    received = _numbers(conn, 1)
    seq = received.seqs[0]
    body = blake2b(entry.payload, digest_size=BODY_BYTES).digest()
    if not _insert_keys(conn, [(event_key(app_id, entry.event_id), body, seq)], received):
        return None
    columns = [[seq], [entry.shard], [entry.player], [entry.type], [entry.event_id], [entry.occurred_at], [entry.payload], [None]]
    names = ("seqs", "shards", "players", "types", "ids", "occurred", "payloads", "profiles")
    conn.execute(ENTRIES, {"at": received.at, "app": app_id} | dict(zip(names, columns, strict=True)))
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
