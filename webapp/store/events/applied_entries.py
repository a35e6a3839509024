"""Applied entries: what waits, what was applied at which n, and what followed: ledger, badges, completions, outbox."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from engine.vocabulary.entry import Entry
from webapp.store.system.arrays import columns
from webapp.store.system.connection import Connection

MICROS_PER_DAY = 86_400_000_000

# The fields of an entry; `e` is the log's row and `a` its app.
FIELDS = """e.seq, e.player, e.type, e.event_id, a.key, (extract(epoch FROM e.occurred_at) * 1000000)::bigint,
  (extract(epoch FROM e.received_at) * 1000000)::bigint, e.payload, e.profile"""

# What waits in some shards but for some players, so many entries of each shard; the last field is the shard.
PENDING = f"""
SELECT {FIELDS}, i.shard FROM unnest(%s::smallint[]) AS s (shard)
CROSS JOIN LATERAL (SELECT shard, seq, received_on FROM inbox
  WHERE shard = s.shard AND player <> ALL(%s::bigint[]) ORDER BY seq LIMIT %s) i
CROSS JOIN LATERAL (SELECT * FROM entry WHERE received_on = i.received_on AND seq = i.seq OFFSET 0) e
JOIN app a ON a.id = e.app_id ORDER BY e.seq
"""
PENDING_OF_PLAYER = f"""
SELECT {FIELDS} FROM (SELECT seq, received_on FROM inbox WHERE player = %s ORDER BY seq LIMIT %s) i
CROSS JOIN LATERAL (SELECT * FROM entry WHERE received_on = i.received_on AND seq = i.seq OFFSET 0) e
JOIN app a ON a.id = e.app_id ORDER BY e.seq
"""

decode_json = msgspec.json.Decoder().decode


def entry_of(row: Sequence[Any], n: int) -> Entry:
    """Turn one row of FIELDS into an entry at its n."""
    profile: dict[str, Any] = decode_json(row[8]) if row[8] else {}
    return Entry(
        seq=row[0],
        n=n,
        player=row[1],
        type=row[2],
        event_id=row[3],
        app=row[4],
        occurred_at=row[5],
        received_at=row[6],
        properties=decode_json(row[7]),
        timezone=profile.get("timezone"),
        attributes=profile.get("attributes"),
    )


def pending_of_player(conn: Connection, player: int, limit: int) -> list[Entry]:
    """What waits for one player, by seq; n is not known yet and is 0."""
    return [entry_of(row, 0) for row in conn.execute(PENDING_OF_PLAYER, (player, limit), binary=True)]


@dataclass(slots=True)
class AppliedRows:
    """What one batch adds to history, as rows; moments in microseconds.

    applied: (n, seq, received_on as a day number, player, outcome or None, 1 if it gives something, else 0) ·
    ledger: (n, line, player, currency, amount, balance, rule, rule_version, reason, at) ·
    badges: (player, badge, period, n, seq, tier, rule_version, at) · revoked: (n, player, badge, period) ·
    completions: (player, mission, period, n, seq, rule_version, at).
    """

    applied: list[tuple[Any, ...]] = field(default_factory=list)
    ledger: list[tuple[Any, ...]] = field(default_factory=list)
    badges: list[tuple[Any, ...]] = field(default_factory=list)
    revoked: list[tuple[Any, ...]] = field(default_factory=list)
    completions: list[tuple[Any, ...]] = field(default_factory=list)

    def badge_changes(self) -> list[tuple[bool, tuple[Any, ...]]]:
        """Rows of badges (True) and of revocations (False) in the order of n.

        A badge may be awarded, revoked and awarded again in one batch: the order of n decides, not the kind of row.
        """
        changes = [(row[3], True, row) for row in self.badges] + [(row[0], False, row) for row in self.revoked]
        return [(is_award, row) for _, is_award, row in sorted(changes, key=lambda change: change[0])]


def write(conn: Connection, batches: Sequence[tuple[int, int, AppliedRows]]) -> None:
    """Add batches (shard, rulebook, rows) to history; the caller holds the shards' locks and commits."""
    applied = [(shard, rulebook, *row) for shard, rulebook, rows in batches for row in rows.applied]
    if applied:
        conn.execute(APPLIED, tuple(columns(applied)))
    write_awards(conn, [(shard, rows) for shard, _, rows in batches])


def write_awards(conn: Connection, batches: Sequence[tuple[int, AppliedRows]]) -> None:
    """Add ledger lines, badges, revocations and completions of these shards."""
    ledger = [(shard, *row) for shard, rows in batches for row in rows.ledger]
    if ledger:
        conn.execute(LEDGER, tuple(columns(ledger)))
    for statement, badges in _badge_statements(batches):
        conn.execute(statement, tuple(columns(badges)))
    completions = [(shard, *row) for shard, rows in batches for row in rows.completions]
    if completions:
        conn.execute(COMPLETIONS, tuple(columns(completions)))


def _badge_statements(
    batches: Sequence[tuple[int, AppliedRows]],
) -> list[tuple[str, list[tuple[Any, ...]]]]:
    """Statements with their rows, in the order in which they are to be executed.

    Shards have no players in common, so that only the order within each counts.
    """
    if not any(rows.revoked for _, rows in batches):
        awarded = [(shard, *row) for shard, rows in batches for row in rows.badges]
        return [(BADGES, awarded)] if awarded else []
    return [
        (BADGES, [(shard, *row)]) if is_award else (REVOKED, [row])
        for shard, rows in batches
        for is_award, row in rows.badge_changes()
    ]


MOMENT = "'epoch'::timestamptz + at * interval '1 microsecond'"
LEDGER = f"""
INSERT INTO ledger (shard, n, line, player, currency, amount, balance, rule, rule_version, reason, at)
SELECT shard, n, line, player, currency, amount, balance, rule, rule_version, reason, {MOMENT}
FROM unnest(%s::smallint[], %s::bigint[], %s::smallint[], %s::bigint[], %s::text[], %s::bigint[], %s::bigint[],
  %s::text[], %s::int[], %s::text[], %s::bigint[])
  AS t (shard, n, line, player, currency, amount, balance, rule, rule_version, reason, at)
"""
BADGES = f"""
INSERT INTO badge_award (shard, player, badge, period, n, seq, tier, rule_version, at)
SELECT shard, player, badge, period, n, seq, tier, rule_version, {MOMENT}
FROM unnest(%s::smallint[], %s::bigint[], %s::text[], %s::text[], %s::bigint[], %s::bigint[], %s::text[], %s::int[],
  %s::bigint[]) AS t (shard, player, badge, period, n, seq, tier, rule_version, at)
"""
REVOKED = """
UPDATE badge_award b SET revoked_n = t.n
FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[]) AS t (n, player, badge, period)
WHERE b.player = t.player AND b.badge = t.badge AND b.period = t.period AND b.revoked_n IS NULL
"""
COMPLETIONS = f"""
INSERT INTO mission_completion (shard, player, mission, period, n, seq, rule_version, at)
SELECT shard, player, mission, period, n, seq, rule_version, {MOMENT}
FROM unnest(%s::smallint[], %s::bigint[], %s::text[], %s::text[], %s::bigint[], %s::bigint[], %s::int[], %s::bigint[])
  AS t (shard, player, mission, period, n, seq, rule_version, at)
"""
APPLIED = """
INSERT INTO applied (shard, n, seq, received_on, player, rulebook, outcome, gives)
SELECT shard, n, seq, '1970-01-01'::date + day, player, rulebook, outcome, gives > 0
FROM unnest(%s::smallint[], %s::int[], %s::bigint[], %s::bigint[], %s::int[], %s::bigint[], %s::bytea[], %s::int[])
  AS t (shard, rulebook, n, seq, day, player, outcome, gives)
"""


ONE = f"""
SELECT {FIELDS} FROM entry e JOIN app a ON a.id = e.app_id
WHERE e.seq = %s AND e.received_on >= (clock_timestamp() AT TIME ZONE 'UTC')::date - 1
"""


def one(conn: Connection, seq: int, n: int) -> Entry:
    """An entry that was appended just now, at its n."""
    row = conn.execute(ONE, (seq,), binary=True).fetchone()
    assert row is not None
    return entry_of(row, n)


def at_n(entry: Entry, n: int) -> Entry:
    """The same entry at its n."""
    return replace(entry, n=n)


def payload_of(conn: Connection, key: bytes) -> dict[str, Any] | None:
    """The content of the entry under this dedup key; None where there is none."""
    row = conn.execute(
        "SELECT e.payload FROM event_key k JOIN entry e ON e.received_on = k.received_on AND e.seq = k.seq"
        " WHERE k.key = %s",
        (key,),
        binary=True,
    ).fetchone()
    payload: dict[str, Any] | None = decode_json(row[0]) if row else None
    return payload


def take_outbox(conn: Connection, limit: int) -> list[bytes]:
    """Take the oldest batches out of the outbox; another relay gets others. They are gone once the caller commits.

    That commit need not wait for the disk: what a crash of the database brings back is relayed once more.
    """
    rows = conn.execute(
        "WITH quick AS (SELECT set_config('synchronous_commit', 'off', true)),"
        " taken AS (SELECT id FROM quick, outbox ORDER BY id LIMIT %s FOR UPDATE OF outbox SKIP LOCKED)"
        " DELETE FROM outbox o USING taken WHERE o.id = taken.id RETURNING o.id, o.payload",
        (limit,),
        binary=True,
    ).fetchall()
    return [payload for _, payload in sorted(rows)]


def correct_outcomes(conn: Connection, shard: int, rows: Sequence[tuple[int, bytes | None, int]]) -> None:
    """Write (n, outcome, whether it gives something) anew where they differ; only the table's owner may."""
    ns, outcomes, gives = columns(rows) if rows else ([], [], [])
    conn.execute(
        "UPDATE applied a SET outcome = t.outcome, gives = t.gives > 0"
        " FROM unnest(%s::bigint[], %s::bytea[], %s::int[]) AS t (n, outcome, gives)"
        " WHERE a.shard = %s AND a.n = t.n"
        " AND (a.outcome IS DISTINCT FROM t.outcome OR a.gives IS DISTINCT FROM (t.gives > 0))",
        (ns, outcomes, gives, shard),
    )


def last_before(conn: Connection, shard: int, rulebook: int) -> int:
    """The last n of a shard that was applied under an older rulebook; 0 where there is none."""
    row = conn.execute(
        "SELECT n FROM applied WHERE shard = %s AND rulebook < %s ORDER BY n DESC LIMIT 1", (shard, rulebook)
    ).fetchone()
    return 0 if row is None else int(row[0])
