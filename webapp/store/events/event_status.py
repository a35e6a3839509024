"""What became of events after they were accepted: pending, applied or parked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from webapp.store.events.event_log import event_key
from webapp.store.system.connection import Connection


@dataclass(frozen=True, slots=True)
class EventVerdict:
    """What became of an event, or its replay: `outcome` once applied, `reason` and `detail` while parked."""

    seq: int
    outcome: dict[str, Any] | None
    reason: str | None
    detail: str | None

    @property
    def status(self) -> str:
        """The contract's word."""
        if self.outcome is not None:
            return "applied"
        return "pending" if self.reason is None else "parked"


VERDICTS = """
WITH RECURSIVE chain AS (
  SELECT seq AS first, seq FROM unnest(%b::bigint[]) AS seq
  UNION ALL
  SELECT chain.first, parked.replay_seq FROM chain JOIN parked USING (seq) WHERE parked.replay_seq IS NOT NULL
)
SELECT chain.first, applied.seq IS NOT NULL, applied.outcome, parked.reason, parked.detail
FROM chain LEFT JOIN applied USING (seq) LEFT JOIN parked USING (seq) WHERE parked.replay_seq IS NULL
"""


def verdicts(conn: Connection, seqs: Sequence[int]) -> dict[int, EventVerdict]:
    """What became of these events so far, by their numbers."""
    rows = conn.execute(VERDICTS, (list(seqs),), binary=True)
    return {row[0]: EventVerdict(row[0], _outcome(row[2]) if row[1] else None, row[3], row[4]) for row in rows}


def _outcome(stored: bytes | None) -> dict[str, Any]:
    return msgspec.json.decode(stored, type=dict[str, Any]) if stored else {}


def decided_among(conn: Connection, seqs: Sequence[int]) -> set[int]:
    """Those of these events that do not wait any more."""
    rows = conn.execute(
        "SELECT seq FROM unnest(%b::bigint[]) AS seq"
        " WHERE EXISTS (SELECT FROM applied WHERE applied.seq = seq.seq)"
        " OR EXISTS (SELECT FROM parked WHERE parked.seq = seq.seq)",
        (list(seqs),),
        binary=True,
    )
    return {row[0] for row in rows}


@dataclass(frozen=True, slots=True)
class AcceptedEvent:
    """An event in the log; `player` is None once erased."""

    seq: int
    type: str
    player: str | None
    occurred_at: datetime
    received_at: datetime


def accepted_event(conn: Connection, app_id: int, event_id: str) -> AcceptedEvent | None:
    """The event of that id of an app."""
    row = conn.execute(
        "SELECT entry.seq, entry.type, player.id, entry.occurred_at, entry.received_at FROM event_key"
        " JOIN entry USING (received_on, seq) LEFT JOIN player ON player.number = entry.player"
        " WHERE event_key.key = %b",
        (event_key(app_id, event_id),),
    ).fetchone()
    return None if row is None else AcceptedEvent(*row)
