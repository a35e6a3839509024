"""Backtests: jobs that replay history against a draft, and their results."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.vocabulary.entry import SYSTEM_TYPE_PREFIX
from webapp.store.events.applied_entries import FIELDS as ENTRY
from webapp.store.system.arrays import integers
from webapp.store.system.connection import Connection

KIND = "backtest"
OPEN_STATUSES = ("queued", "running")
KEPT_RESULTS = 5

COLUMNS = """id::text, status, params->>'rule', params->>'hash', (params->>'days')::int,
  coalesce(progress, 0), coalesce(total, 0), result, detail, created_at, finished_at"""


@dataclass(frozen=True, slots=True)
class Backtest:
    """One backtest as of now; `days` is None if it covers all history, `result` is None until it is done."""

    id: str
    status: str
    rule: str
    hash: str
    days: int | None
    progress: int
    total: int
    result: dict[str, Any] | None
    detail: str | None
    created_at: datetime
    finished_at: datetime | None

    @property
    def is_open(self) -> bool:
        """Whether it is queued or running."""
        return self.status in OPEN_STATUSES


def by_id(conn: Connection, job_id: str) -> Backtest | None:
    """The backtest with that id; None if there is none."""
    row = conn.execute(f"SELECT {COLUMNS} FROM job WHERE id = %s AND kind = '{KIND}'", (job_id,)).fetchone()
    return None if row is None else Backtest(*row)


def newest_unfinished(conn: Connection, rule: str) -> Backtest | None:
    """The newest backtest of a rule's drafts if it is running or has failed; None if it is done."""
    row = conn.execute(
        f"SELECT {COLUMNS} FROM job WHERE kind = '{KIND}' AND params->>'rule' = %s"
        " AND status <> 'cancelled' ORDER BY created_at DESC, id LIMIT 1",
        (rule,),
    ).fetchone()
    return None if row is None or row[1] == "done" else Backtest(*row)


def last_done(conn: Connection, rule: str, content: str | None = None) -> Backtest | None:
    """The last finished backtest of a rule's drafts; with `content`, of exactly the draft with this hash."""
    row = conn.execute(
        f"SELECT {COLUMNS} FROM job WHERE kind = '{KIND}' AND params->>'rule' = %s AND status = 'done'"
        " AND (%s::text IS NULL OR params->>'hash' = %s) ORDER BY created_at DESC, id LIMIT 1",
        (rule, content, content),
    ).fetchone()
    return None if row is None else Backtest(*row)


def cancel(conn: Connection, rule: str) -> int:
    """Cancel a rule's running backtests and return how many; workers notice at their next progress report."""
    return conn.execute(
        "UPDATE job SET status = 'cancelled', finished_at = clock_timestamp(), lease_until = NULL"
        f" WHERE kind = '{KIND}' AND params->>'rule' = %s AND status IN ('queued', 'running')",
        (rule,),
    ).rowcount


DELETE_OLD = f"""
DELETE FROM job WHERE kind = '{KIND}' AND params->>'rule' = %(rule)s AND status NOT IN ('queued', 'running')
AND id NOT IN (
  SELECT id FROM job WHERE kind = '{KIND}' AND params->>'rule' = %(rule)s AND status = 'done'
  ORDER BY created_at DESC, id LIMIT {KEPT_RESULTS}
) AND id NOT IN (
  SELECT DISTINCT ON (sent.hash) b.id FROM submission sent
  JOIN job b ON b.kind = '{KIND}' AND b.params->>'rule' = sent.key AND b.params->>'hash' = encode(sent.hash, 'hex')
  WHERE sent.key = %(rule)s AND b.status = 'done' ORDER BY sent.hash, b.created_at DESC, b.id
)
"""


def delete_old(conn: Connection, rule: str) -> int:
    """Delete a rule's old backtests that are no longer running, and return how many.

    The newest five finished ones stay, and the newest of each content that was ever sent for approval.
    """
    return conn.execute(DELETE_OLD, {"rule": rule}).rowcount


def delete_all(conn: Connection, rule: str) -> None:
    """Delete all backtests of a rule; a worker notices at its next progress report."""
    conn.execute(f"DELETE FROM job WHERE kind = '{KIND}' AND params->>'rule' = %s", (rule,))


def rename(conn: Connection, key: str, new: str) -> None:
    """Move backtests along when their draft gets another key."""
    conn.execute(
        f"UPDATE job SET params = jsonb_set(params, '{{rule}}', to_jsonb(%s::text)) WHERE kind = '{KIND}'"
        " AND params->>'rule' = %s",
        (new, key),
    )


def length_of_history(conn: Connection) -> int:
    """How many entries were ever applied."""
    row = conn.execute("SELECT coalesce(sum(n), 0)::bigint FROM shard").fetchone()
    return int(row[0]) if row else 0


PAGE = f"""
SELECT {ENTRY}, ap.n, ap.rulebook
FROM (SELECT n, seq, received_on, rulebook FROM applied WHERE shard = %(shard)s AND n > %(after)s AND n <= %(until)s
  ORDER BY n) ap
CROSS JOIN LATERAL (SELECT * FROM entry WHERE received_on = ap.received_on AND seq = ap.seq OFFSET 0) e
JOIN app a ON a.id = e.app_id
WHERE %(types)s::text[] IS NULL OR e.type = ANY(%(types)s) OR e.profile IS NOT NULL OR starts_with(e.type, %(own)s)
ORDER BY ap.n
"""


def page(conn: Connection, shard: int, after: int, until: int, types: Collection[str] | None) -> list[Any]:
    """Rows with an entry's fields, n and rulebook: what a shard applied after one n, up to and including another.

    With `types`, only events of these types, events that update their player's profile, and system entries.
    """
    parameters = {"shard": shard, "after": after, "until": until, "own": SYSTEM_TYPE_PREFIX}
    return conn.execute(PAGE, {**parameters, "types": None if types is None else list(types)}, binary=True).fetchall()


def documents_ever_live(conn: Connection) -> list[dict[str, Any]]:
    """The documents of all versions that were ever in a rulebook."""
    rows = conn.execute(
        "SELECT document FROM rule_version WHERE id IN (SELECT unnest(members) FROM rulebook) ORDER BY id"
    )
    return [row[0] for row in rows]


def player_ids(conn: Connection, numbers: Collection[int]) -> dict[int, str]:
    """Number → id of players, without those that were erased."""
    rows = conn.execute("SELECT number, id FROM player WHERE number = ANY(%s::bigint[])", (integers(numbers),))
    return {row[0]: row[1] for row in rows if row[1] is not None}


def lock_present(conn: Connection, numbers: Collection[int]) -> set[int]:
    """Those of the players that are not erased; their rows are locked, so none can be until the transaction ends."""
    rows = conn.execute(
        "SELECT number FROM player WHERE number = ANY(%s::bigint[]) AND erased_at IS NULL"
        " ORDER BY number FOR KEY SHARE",
        (integers(numbers),),
    )
    return {row[0] for row in rows}


REMOVE_PLAYER = """
UPDATE job SET result = jsonb_set(result, '{cases}', (
  SELECT jsonb_object_agg(list.key, (SELECT coalesce(jsonb_agg(found), '[]') FROM jsonb_array_elements(list.value) found
    WHERE found->'player' <> to_jsonb(%(player)s::bigint)))
  FROM jsonb_each(result->'cases') list))
WHERE kind = %(kind)s AND jsonb_path_exists(result, '$.cases.*[*] ? (@.player == $who)',
  jsonb_build_object('who', %(player)s::bigint))
"""


def remove_player(conn: Connection, player: int) -> None:
    """Remove the cases of an erased player from all results: they contain facts. The counts stay."""
    conn.execute(REMOVE_PLAYER, {"player": player, "kind": KIND})
