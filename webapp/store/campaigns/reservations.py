"""Wins that wait for an outside provider: the play, the coupon reserved for it, and the attempt."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from webapp.store.system.arrays import columns
from webapp.store.system.connection import Connection


@dataclass(frozen=True, slots=True)
class Reservation:
    """A win whose coupon a provider is asked for; `decision` is what the game's log says of it."""

    play: int
    game: str
    pool: int
    coupon: int
    attempt: int
    decision: dict[str, Any]

    @property
    def id(self) -> str:
        """The id under which the provider knows this attempt."""
        return f"play-{self.play}-{self.attempt}"


@dataclass(frozen=True, slots=True)
class ProviderRequest:
    """What a provider is told; its address is in the pool's `document`."""

    reservation: Reservation
    play_id: str
    player: str | None
    campaign: str
    brand: str
    document: dict[str, Any]
    received_at: datetime


COLUMNS = "play, game, pool, coupon, attempt, decision"


def insert_reservations(conn: Connection, rows: Sequence[Reservation], deadlines: Sequence[int]) -> None:
    """Insert wins that wait for a provider, each with its deadline (µs)."""
    if rows:
        values = [
            (row.play, row.game, row.pool, row.coupon, row.attempt, json.dumps(row.decision), deadline)
            for row, deadline in zip(rows, deadlines, strict=True)
        ]
        conn.execute(
            "INSERT INTO reservation (play, game, pool, coupon, attempt, decision, deadline)"
            " SELECT play, game, pool, coupon, attempt, decision::jsonb,"
            " 'epoch'::timestamptz + deadline * interval '1 microsecond'"
            " FROM unnest(%s::bigint[], %s::text[], %s::bigint[], %s::bigint[], %s::int[], %s::text[], %s::bigint[])"
            " AS t (play, game, pool, coupon, attempt, decision, deadline)",
            tuple(columns(values)),
        )


def any_due(conn: Connection) -> bool:
    """Whether a provider should be asked now."""
    row = conn.execute(
        "SELECT EXISTS (SELECT FROM reservation WHERE coalesce(next_request_at, '-infinity') <= clock_timestamp())"
    ).fetchone()
    return bool(row and row[0])


CLAIM_DUE = f"""
WITH claimed AS (
  UPDATE reservation r SET next_request_at = 'infinity',
    deadline = least(deadline, clock_timestamp() + interval '1 second' * (
      coalesce((p.document #>> '{{provider,answer_within_seconds}}')::int, %s) + %s))
  FROM coupon_pool p WHERE p.id = r.pool AND r.play IN (
    SELECT play FROM reservation WHERE coalesce(next_request_at, '-infinity') <= clock_timestamp()
    ORDER BY deadline, play LIMIT %s FOR UPDATE SKIP LOCKED)
  RETURNING {", ".join(f"r.{name.strip()}" for name in COLUMNS.split(","))}, p.brand, p.document
) SELECT t.play, t.game, t.pool, t.coupon, t.attempt, t.decision, y.play_id, l.id, g.campaign, t.brand, t.document,
  y.received_at FROM claimed t JOIN play y ON y.number = t.play JOIN game g ON g.key = t.game
  LEFT JOIN player l ON l.number = y.player
"""


def claim_due(conn: Connection, limit: int, usual_seconds: int, spare_seconds: int) -> list[ProviderRequest]:
    """Claim wins whose provider is to be asked now; no one else asks for them.

    Each is overdue `spare_seconds` after its provider should have answered: within the time that its document
    says, or `usual_seconds`.
    """
    rows = conn.execute(CLAIM_DUE, (usual_seconds, spare_seconds, limit))
    return [ProviderRequest(Reservation(*row[:6]), *row[6:]) for row in rows]


def reservation_of(conn: Connection, play: int) -> Reservation | None:
    """The reservation of a play; None once it is settled. The caller holds the game's lock."""
    row = conn.execute(f"SELECT {COLUMNS} FROM reservation WHERE play = %s", (play,)).fetchone()
    return None if row is None else Reservation(*row)


def overdue_reservations(conn: Connection, limit: int) -> list[Reservation]:
    """Wins whose provider did not answer in time, the longest overdue first."""
    rows = conn.execute(
        f"SELECT {COLUMNS} FROM reservation WHERE deadline <= clock_timestamp() ORDER BY deadline LIMIT %s", (limit,)
    )
    return [Reservation(*row) for row in rows]


def reassign(conn: Connection, to: Reservation, deadline: int, pause_seconds: float) -> None:
    """Reserve another coupon for a play, to be asked for after a pause; `deadline` in µs."""
    conn.execute(
        "UPDATE reservation SET pool = %s, coupon = %s, attempt = %s, decision = %s::jsonb,"
        " next_request_at = clock_timestamp() + make_interval(secs => %s),"
        " deadline = 'epoch'::timestamptz + %s * interval '1 microsecond' WHERE play = %s",
        (to.pool, to.coupon, to.attempt, json.dumps(to.decision), pause_seconds, deadline, to.play),
    )


def delete_reservation(conn: Connection, play: int) -> None:
    """The play is settled."""
    conn.execute("DELETE FROM reservation WHERE play = %s", (play,))


def count_waiting(conn: Connection, games: Sequence[str]) -> int:
    """How many wins of these games wait for a provider."""
    row = conn.execute("SELECT count(*) FROM reservation WHERE game = ANY(%s)", (list(games),)).fetchone()
    return 0 if row is None else int(row[0])
